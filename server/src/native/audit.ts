import * as audit from '../audit/operations.ts';
import { sendExported } from '../limits/exported.ts';
import { type NativeRoute, route } from './route.ts';

const asFile = { send: sendExported, media: ['application/x-ndjson', 'text/csv'] };

export const auditRoutes: readonly NativeRoute[] = [
  route('GET', '/audit', audit.list, 'Search the audit log of this tenant'),
  route('GET', '/audit/export', audit.exportLog, 'Export the audit log of this tenant', asFile),
  route('GET', '/audit/verify', audit.verify, 'Verify the chain of the audit log of this tenant'),
  route('GET', '/operator-audit', audit.listForOperators, 'Search the operators’ audit log'),
  route('GET', '/operator-audit/export', audit.exportForOperators, 'Export the operators’ audit log', asFile),
  route('GET', '/operator-audit/verify', audit.verifyForOperators, 'Verify the chain of the operators’ audit log'),
  route('POST', '/audit/retention', audit.retain, 'Remove the oldest rows of every audit log'),
];
