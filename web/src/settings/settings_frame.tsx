import { Outlet, useLocation } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useTenant } from '../api/hooks.ts';
import { useMay } from '../api/rights.ts';
import { MenuLink } from '../app/links.tsx';
import classes from './frame.module.css';
import { sections } from './sections.ts';
import { text } from './text.ts';

/** Where the menu is a row that scrolls, the entry of the page that is open comes into its middle; the page itself stays. */
function showCurrent(menu: HTMLElement): void {
  const entry = menu.querySelector('[aria-current]')?.getBoundingClientRect();
  if (!entry) return;
  const { left, width } = menu.getBoundingClientRect();
  menu.scrollLeft += entry.left + entry.width / 2 - left - width / 2;
}

/** The frame of all settings: a menu of those that one may see. */
export function SettingsFrame() {
  const tenant = useTenant();
  const may = useMay();
  const shown = sections.filter(({ takes }) => may(takes));
  const menu = useRef<HTMLElement>(null);
  const page = useLocation({ select: ({ pathname }) => pathname });
  // biome-ignore lint/correctness/useExhaustiveDependencies: each page has another entry, which is there once one's rights are
  useEffect(() => {
    if (menu.current) showCurrent(menu.current);
  }, [page, shown.length]);
  return (
    <div className={classes.frame}>
      <nav ref={menu} className={classes.menu} aria-label={text.nav.label}>
        {shown.map(({ to, label, Icon }) => (
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
