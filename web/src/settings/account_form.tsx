import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { useApi, useChange, useTenant } from '../api/hooks.ts';
import { tellDone } from '../app/changes.tsx';
import { FormDialog } from '../app/form_dialog.tsx';
import { RoleSelect } from '../app/role_select.tsx';
import { listKey, useRoleNames } from './queries.ts';
import { text } from './text.ts';

const { machines: words } = text;

export function AccountForm({ onClose }: { readonly onClose: () => void }) {
  const [api, tenant] = [useApi(), useTenant()];
  const roles = useRoleNames();
  const [name, setName] = useState('');
  const [role, setRole] = useState('data_scientist');
  const making = useChange(
    (given: string) => api.POST('/service-accounts', { body: { name: given, role } }),
    listKey(tenant, 'service-accounts'),
  );
  const make = () =>
    making.mutate(name.trim(), {
      onSuccess: () => {
        tellDone(words.made(name.trim()));
        onClose();
      },
    });
  return (
    <FormDialog
      title={words.make}
      action={words.make}
      isPending={making.isPending}
      error={making.error}
      isReady={name.trim() !== ''}
      onSubmit={make}
      onClose={onClose}
    >
      <TextInput
        label={words.name}
        value={name}
        maxLength={200}
        required
        onChange={({ currentTarget }) => setName(currentTarget.value)}
        data-autofocus
      />
      <RoleSelect label={words.role} roles={roles} value={role} onChange={setRole} />
    </FormDialog>
  );
}
