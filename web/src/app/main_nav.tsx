import { Stack } from '@mantine/core';
import { useLocation } from '@tanstack/react-router';
import { useTenant } from '../api/hooks.ts';
import { MenuLink } from './links.tsx';
import { accountItems, navItems, operatorItems } from './nav_items.ts';
import { text } from './text.ts';

/** The menu of where one is: in a tenant, at one's own account, or among the pages of operators. */
export function MainNav({ onNavigate }: { readonly onNavigate: () => void }) {
  const tenant = useTenant();
  const isOperator = useLocation({ select: ({ pathname }) => pathname.startsWith('/operator') });
  const [items, label] =
    tenant !== ''
      ? [navItems, text.pages]
      : isOperator
        ? [operatorItems, text.operatorNav.label]
        : [accountItems, text.accountNav.label];
  return (
    <Stack component="nav" gap={2} aria-label={label}>
      {items.map(({ to, label, Icon }) => (
        <MenuLink
          key={to}
          to={to}
          params={{ tenant }}
          activeOptions={{ exact: to === '/t/$tenant' || to === '/me', includeSearch: false }}
          activeProps={{ active: true }}
          label={label}
          leftSection={<Icon size={18} aria-hidden />}
          onClick={onNavigate}
        />
      ))}
    </Stack>
  );
}
