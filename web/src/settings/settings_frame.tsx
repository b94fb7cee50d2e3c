import { Outlet } from '@tanstack/react-router';
import { useTenant } from '../api/hooks.ts';
import { useMay } from '../api/rights.ts';
import { MenuLink } from '../app/links.tsx';
import classes from './frame.module.css';
import { sections } from './sections.ts';
import { text } from './text.ts';

/** The frame of all settings: a menu of those that one may see. */
export function SettingsFrame() {
  const tenant = useTenant();
  const may = useMay();
  return (
    <div className={classes.frame}>
      <nav className={classes.menu} aria-label={text.nav.label}>
        {sections
          .filter(({ takes }) => may(takes))
          .map(({ to, label, Icon }) => (
            <MenuLink
              key={to}
              to={to}
              params={{ tenant }}
              activeOptions={{ exact: to === '/t/$tenant/settings', includeSearch: false }}
              activeProps={{ active: true }}
              label={label}
              leftSection={<Icon size={16} aria-hidden />}
            />
          ))}
      </nav>
      <Outlet />
    </div>
  );
}
