import { Button, Group, Modal, NativeSelect, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useApi, useChange, useTenant } from '../api/hooks.ts';
import { tellDone } from '../app/changes.tsx';
import { FormError } from '../app/form_error.tsx';
import { text as shared } from '../app/text.ts';
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
  return (
    <Modal opened onClose={onClose} title={words.make}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          making.mutate(name.trim(), {
            onSuccess: () => {
              tellDone(words.made(name.trim()));
              onClose();
            },
          });
        }}
      >
        <Stack gap="sm">
          <TextInput
            label={words.name}
            value={name}
            maxLength={200}
            required
            onChange={({ currentTarget }) => setName(currentTarget.value)}
            data-autofocus
          />
          <NativeSelect
            label={words.role}
            value={role}
            data={roles}
            onChange={({ currentTarget }) => setRole(currentTarget.value)}
          />
          <FormError error={making.error} />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {shared.cancel}
            </Button>
            <Button type="submit" disabled={name.trim() === ''} loading={making.isPending}>
              {words.make}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
