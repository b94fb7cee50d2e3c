import {
  Bot,
  Handshake,
  HelpCircle,
  type LucideIcon,
  ScrollText,
  Settings,
  ShieldCheck,
  TableProperties,
  TriangleAlert,
  Users,
  Webhook,
} from 'lucide-react';
import type { Permission } from '../api/rights.ts';
import { text } from './text.ts';

interface SettingsSection {
  readonly to:
    | '/t/$tenant/settings'
    | `/t/$tenant/settings/${'members' | 'roles' | 'access' | 'grants' | 'machines' | 'sign-in' | 'audit' | 'webhooks' | 'danger'}`;
  readonly label: string;
  readonly Icon: LucideIcon;
  /** What it takes to see it. */
  readonly takes: Permission;
}

/** The pages of a tenant's settings, in the order of their menu. */
export const sections: readonly SettingsSection[] = [
  { to: '/t/$tenant/settings', label: text.nav.general, Icon: Settings, takes: 'tenant:read' },
  { to: '/t/$tenant/settings/members', label: text.nav.members, Icon: Users, takes: 'member:read' },
  { to: '/t/$tenant/settings/roles', label: text.nav.roles, Icon: TableProperties, takes: 'role:read' },
  { to: '/t/$tenant/settings/access', label: text.nav.access, Icon: HelpCircle, takes: 'tenant:read' },
  { to: '/t/$tenant/settings/grants', label: text.nav.grants, Icon: Handshake, takes: 'role:read' },
  { to: '/t/$tenant/settings/machines', label: text.nav.machines, Icon: Bot, takes: 'key:read' },
  { to: '/t/$tenant/settings/sign-in', label: text.nav.signIn, Icon: ShieldCheck, takes: 'tenant:write' },
  { to: '/t/$tenant/settings/audit', label: text.nav.audit, Icon: ScrollText, takes: 'audit:read' },
  { to: '/t/$tenant/settings/webhooks', label: text.nav.webhooks, Icon: Webhook, takes: 'project:read' },
  { to: '/t/$tenant/settings/danger', label: text.nav.danger, Icon: TriangleAlert, takes: 'tenant:write' },
];
