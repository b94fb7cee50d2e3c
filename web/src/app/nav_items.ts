import { Boxes, FlaskConical, FolderKanban, LayoutDashboard, Library, Settings, Telescope } from 'lucide-react';
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
