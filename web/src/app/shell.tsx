import { ActionIcon, AppShell, Burger, Group, Text } from '@mantine/core';
import { useDisclosure, useHotkeys } from '@mantine/hooks';
import { Outlet } from '@tanstack/react-router';
import { Search } from 'lucide-react';
import { lazy, Suspense, useEffect } from 'react';
import { useTenant } from '../api/hooks.ts';
import { StayBanner } from '../operator/stay_banner.tsx';
import { keepToPerson } from '../sign_in/person.ts';
import { SignInAgain } from '../sign_in/sign_in_again.tsx';
import { AccountMenu } from './account_menu.tsx';
import { undoByKey } from './changes.tsx';
import { MainNav } from './main_nav.tsx';
import { openPalette } from './palette_store.ts';
import classes from './shell.module.css';
import { TenantSwitcher } from './tenant_switcher.tsx';
import { text } from './text.ts';

const Palette = lazy(() => import('./palette.tsx').then(({ Palette }) => ({ default: Palette })));

/** The frame of every page of somebody who is signed in. */
export function Shell() {
  const [isOpen, { toggle, close }] = useDisclosure();
  const tenant = useTenant();
  useEffect(keepToPerson, []);
  // From within a field, too: nobody types ⌘K.
  useHotkeys([['mod+K', openPalette]], [], true);
  useHotkeys([['mod+Z', undoByKey, { preventDefault: false }]], [], true);
  return (
    <AppShell
      header={{ height: 52 }}
      navbar={{ width: 208, breakpoint: 'sm', collapsed: { mobile: !isOpen } }}
      padding="md"
    >
      <a className="skip-link" href="#main">
        {text.skip}
      </a>
      <AppShell.Header>
        <Group h="100%" px="md" gap="sm" wrap="nowrap">
          <Burger opened={isOpen} onClick={toggle} hiddenFrom="sm" size="sm" aria-label={text.menu} />
          <Text component="a" href="/" fw={700} visibleFrom="sm" c="inherit">
            Maestro
          </Text>
          <TenantSwitcher />
          <Group ml="auto" gap="xs" wrap="nowrap">
            <ActionIcon variant="default" size="lg" aria-label={text.search} onClick={openPalette}>
              <Search size={18} />
            </ActionIcon>
            <AccountMenu />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" className={isOpen ? undefined : classes.shut}>
        <MainNav onNavigate={close} />
      </AppShell.Navbar>
      <AppShell.Main id="main" tabIndex={-1} key={tenant}>
        <StayBanner />
        <Outlet />
      </AppShell.Main>
      <Suspense>
        <Palette />
      </Suspense>
      <SignInAgain />
    </AppShell>
  );
}
