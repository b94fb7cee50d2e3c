import { Stack } from '@mantine/core';
import { useTenant } from '../api/hooks.ts';
import { MenuLink } from './links.tsx';
import { navItems } from './nav_items.ts';
import { text } from './text.ts';

/** The menu of a tenant's pages; nothing outside of tenants. */
export function MainNav({ onNavigate }: { readonly onNavigate: () => void }) {
  const tenant = useTenant();
  if (tenant === '') return null;
  return (
    <Stack component="nav" gap={2} aria-label={text.pages}>
      {navItems.map(({ to, label, Icon }) => (
        <MenuLink
          key={to}
          to={to}
          params={{ tenant }}
          activeOptions={{ exact: to === '/t/$tenant', includeSearch: false }}
          activeProps={{ active: true }}
          label={label}
          leftSection={<Icon size={18} aria-hidden />}
          onClick={onNavigate}
        />
      ))}
    </Stack>
  );
}
