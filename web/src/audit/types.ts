import type { AnswerOf } from '../api/contract_types.ts';
import type { Asked } from './qualifiers.ts';

type Page = AnswerOf<'/audit', 'get'>;
export type AuditEvent = Page['items'][number];
export type Verification = AnswerOf<'/audit/verify', 'get'>;

/** Where a log is: a tenant's, or the operators'. */
export interface LogHome {
  readonly queryKey: readonly string[];
  /** Its path below `/api/v1`, and the slug of its tenant; '' for the operators'. */
  readonly path: '/audit' | '/operator-audit';
  readonly tenant: string;
  list(asked: Asked, page: string, signal: AbortSignal): Promise<Page>;
  verify(): Promise<Verification>;
  /** The id of whom a typed name means. Throws what is to be said, where it is nobody or several. */
  actorOf(typed: string): Promise<string>;
}
