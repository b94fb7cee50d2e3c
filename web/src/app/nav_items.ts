import {
  Activity,
  Boxes,
  Building2,
  Download,
  FlaskConical,
  FolderKanban,
  KeyRound,
  LayoutDashboard,
  Library,
  MonitorSmartphone,
  RotateCcwKey,
  ScrollText,
  Settings,
  ShieldCheck,
  Telescope,
  UserRound,
  Users,
} from 'lucide-react';
import { text } from './text.ts';

/** The pages of a tenant, in the order of the menu. */
export const navItems = [
  { to: '/t/$tenant', label: text.nav.dashboard, Icon: LayoutDashboard },
  { to: '/t/$tenant/experiments', label: text.nav.experiments, Icon: FlaskConical },
  { to: '/t/$tenant/models', label: text.nav.models, Icon: Boxes },
  { to: '/t/$tenant/projects', label: text.nav.projects, Icon: FolderKanban },
  { to: '/t/$tenant/library', label: text.nav.library, Icon: Library },
  { to: '/t/$tenant/insight', label: text.nav.insight, Icon: Telescope },
  { to: '/t/$tenant/settings', label: text.nav.settings, Icon: Settings },
] as const;

/** The pages of one's own account. */
export const accountItems = [
  { to: '/me', label: text.accountNav.profile, Icon: UserRound },
  { to: '/me/security', label: text.accountNav.security, Icon: ShieldCheck },
  { to: '/me/sessions', label: text.accountNav.sessions, Icon: MonitorSmartphone },
  { to: '/me/keys', label: text.accountNav.keys, Icon: KeyRound },
  { to: '/me/data', label: text.accountNav.data, Icon: Download },
] as const;

/** The pages of operators. */
export const operatorItems = [
  { to: '/operator/tenants', label: text.operatorNav.tenants, Icon: Building2 },
  { to: '/operator/users', label: text.operatorNav.users, Icon: Users },
  { to: '/operator/health', label: text.operatorNav.health, Icon: Activity },
  { to: '/operator/keys', label: text.operatorNav.keys, Icon: RotateCcwKey },
  { to: '/operator/audit', label: text.operatorNav.audit, Icon: ScrollText },
] as const;
