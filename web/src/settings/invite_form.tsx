import { useState } from 'react';
import { useApi, useChange, useTenant } from '../api/hooks.ts';
import { tellDone } from '../app/changes.tsx';
import { EmailField } from '../app/email_field.tsx';
import { FormDialog } from '../app/form_dialog.tsx';
import { RoleSelect } from '../app/role_select.tsx';
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
  const invite = () => {
    const address = email.trim();
    inviting.mutate(address, {
      onSuccess: ({ data }) => {
        tellDone(data.delivery === 'outbox' ? words.kept(address) : words.invited(address));
        onClose();
      },
    });
  };
  return (
    <FormDialog
      title={words.invite}
      action={words.send}
      isPending={inviting.isPending}
      error={inviting.error}
      isReady={email.trim() !== ''}
      onSubmit={invite}
      onClose={onClose}
    >
      <EmailField
        label={words.email}
        description={words.inviteLead}
        value={email}
        onChange={({ currentTarget }) => setEmail(currentTarget.value)}
        data-autofocus
      />
      <RoleSelect label={words.role} roles={roles} value={role} onChange={setRole} />
    </FormDialog>
  );
}
