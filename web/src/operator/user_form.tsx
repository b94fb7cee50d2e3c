import { Button, Group, Stack, Switch, TextInput } from '@mantine/core';
import { useState } from 'react';
import { apiOf } from '../api/api.ts';
import { useChange } from '../api/hooks.ts';
import { builtInRoles } from '../api/roles.ts';
import { tellDone } from '../app/changes.tsx';
import { EmailField } from '../app/email_field.tsx';
import { FormDialog } from '../app/form_dialog.tsx';
import { RoleSelect } from '../app/role_select.tsx';
import { SecretOnce } from '../app/secret_once.tsx';
import { operatorKeys } from './queries.ts';
import { text } from './text.ts';

const { users: words } = text;

/** Makes a user: with an invitation by mail, or with a first password that is shown once. */
export function UserForm({ onClose }: { readonly onClose: () => void }) {
  const [email, setEmail] = useState('');
  const [name, setName] = useState('');
  const [isInvited, setInvited] = useState(true);
  const [isOperator, setOperator] = useState(false);
  const [tenant, setTenant] = useState('');
  const [role, setRole] = useState('data_scientist');
  const making = useChange(async () => {
    const body = {
      email: email.trim(),
      ...(name.trim() === '' ? {} : { name: name.trim() }),
      ...(isInvited ? { send_invitation: true } : {}),
      ...(isOperator ? { is_operator: true } : {}),
      ...(tenant.trim() === '' ? {} : { tenant: tenant.trim(), role }),
    };
    return (await apiOf('').POST('/users', { body })).data.password;
  }, operatorKeys.users);
  const make = () =>
    making.mutate(undefined, {
      onSuccess: (password) => {
        tellDone(words.made(email.trim()));
        if (password === undefined) onClose();
      },
    });
  return (
    <FormDialog
      title={words.make}
      action={words.make}
      isPending={making.isPending}
      error={making.error}
      isReady={email.trim() !== ''}
      onSubmit={make}
      onClose={onClose}
      result={
        making.data && (
          <Stack>
            <SecretOnce title={words.password} value={making.data} />
            <Button onClick={onClose}>{words.done}</Button>
          </Stack>
        )
      }
    >
      <EmailField
        label={words.email}
        value={email}
        onChange={({ currentTarget }) => setEmail(currentTarget.value)}
        data-autofocus
      />
      <TextInput
        label={words.name}
        maxLength={200}
        value={name}
        onChange={({ currentTarget }) => setName(currentTarget.value)}
      />
      <Group grow>
        <TextInput
          label={words.tenant}
          placeholder={words.noTenant}
          value={tenant}
          onChange={({ currentTarget }) => setTenant(currentTarget.value)}
        />
        <RoleSelect
          label={words.role}
          roles={builtInRoles}
          value={role}
          disabled={tenant.trim() === ''}
          onChange={setRole}
        />
      </Group>
      <Switch
        label={words.invite}
        checked={isInvited}
        onChange={({ currentTarget }) => setInvited(currentTarget.checked)}
      />
      <Switch
        label={words.isOperator}
        checked={isOperator}
        onChange={({ currentTarget }) => setOperator(currentTarget.checked)}
      />
    </FormDialog>
  );
}
