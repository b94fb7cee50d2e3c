import { ActionIcon, type MantineColorScheme, Menu, useMantineColorScheme } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { LogOut, Monitor, Moon, ShieldUser, Sun, UserRound } from 'lucide-react';
import { meQuery } from '../api/me.ts';
import { signOut } from '../sign_in/sign_out.ts';
import { tellFailure } from './changes.tsx';
import { text } from './text.ts';

const schemes: readonly { readonly value: MantineColorScheme; readonly label: string; readonly Icon: typeof Sun }[] = [
  { value: 'light', label: text.theme.light, Icon: Sun },
  { value: 'dark', label: text.theme.dark, Icon: Moon },
  { value: 'auto', label: text.theme.auto, Icon: Monitor },
];

export function AccountMenu() {
  const { data: me } = useQuery(meQuery);
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const leaving = useMutation({
    mutationFn: signOut,
    onSuccess: () => location.assign('/sign-in'),
    onError: tellFailure,
  });
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <ActionIcon variant="default" size="lg" aria-label={text.account}>
          <UserRound size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{me?.name}</Menu.Label>
        <Menu.Item component={Link} to="/me" leftSection={<UserRound size={16} aria-hidden />}>
          {text.yourAccount}
        </Menu.Item>
        {me?.is_operator && (
          <Menu.Item component={Link} to="/operator/tenants" leftSection={<ShieldUser size={16} aria-hidden />}>
            {text.operators}
          </Menu.Item>
        )}
        <Menu.Divider />
        <Menu.Label>{text.theme.label}</Menu.Label>
        {schemes.map(({ value, label, Icon }) => (
          <Menu.Item
            key={value}
            leftSection={<Icon size={16} aria-hidden />}
            aria-current={value === colorScheme}
            fw={value === colorScheme ? 600 : undefined}
            onClick={() => setColorScheme(value)}
          >
            {label}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<LogOut size={16} aria-hidden />} onClick={() => leaving.mutate()}>
          {text.signOut}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
