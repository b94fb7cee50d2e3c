import { Button, Group, Modal, NativeSelect, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useApi, useChange, useTenant } from '../api/hooks.ts';
import { tellDone } from '../app/changes.tsx';
import { FormError } from '../app/form_error.tsx';
import { text as shared } from '../app/text.ts';
import { listKey, useRoleNames } from './queries.ts';
import { text } from './text.ts';

const { members: words } = text;

export function InviteForm({ onClose }: { readonly onClose: () => void }) {
  const [api, tenant] = [useApi(), useTenant()];
  const roles = useRoleNames();
  const [email, setEmail] = useState('');
  const [role, setRole] = useState('data_scientist');
  const inviting = useChange(
    (address: string) => api.POST('/members/invite', { body: { email: address, role } }),
    listKey(tenant, 'invitations'),
  );
  return (
    <Modal opened onClose={onClose} title={words.invite}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          const address = email.trim();
          inviting.mutate(address, {
            onSuccess: () => {
              tellDone(words.invited(address));
              onClose();
            },
          });
        }}
      >
        <Stack gap="sm">
          <TextInput
            label={words.email}
            description={words.inviteLead}
            type="email"
            maxLength={254}
            required
            value={email}
            onChange={({ currentTarget }) => setEmail(currentTarget.value)}
            data-autofocus
          />
          <NativeSelect
            label={words.role}
            value={role}
            data={roles}
            onChange={({ currentTarget }) => setRole(currentTarget.value)}
          />
          <FormError error={inviting.error} />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {shared.cancel}
            </Button>
            <Button type="submit" loading={inviting.isPending}>
              {words.send}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
