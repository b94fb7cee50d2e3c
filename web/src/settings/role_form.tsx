import { Input, MultiSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useApi, useChange, useTenant } from '../api/hooks.ts';
import type { Permission } from '../api/rights.ts';
import { tellDone } from '../app/changes.tsx';
import { FormDialog } from '../app/form_dialog.tsx';
import { PermissionMatrix } from '../app/permission_matrix.tsx';
import { listKey, type Role } from './queries.ts';
import { text } from './text.ts';

const { roles: words } = text;

/** Makes a role of the tenant's own, or changes one. What it inherits stands in the matrix, and is not chosen there. */
export function RoleForm({
  roles,
  role,
  onClose,
}: {
  readonly roles: readonly Role[];
  readonly role?: Role;
  readonly onClose: () => void;
}) {
  const [api, tenant] = [useApi(), useTenant()];
  const [name, setName] = useState(role?.name ?? '');
  const [description, setDescription] = useState(role?.description ?? '');
  const [inherits, setInherits] = useState<string[]>(role?.inherits ?? []);
  const [own, setOwn] = useState<ReadonlySet<Permission>>(new Set((role?.permissions ?? []) as Permission[]));
  const inherited = new Set(
    roles.filter((each) => inherits.includes(each.name)).flatMap((each) => each.effective_permissions),
  );
  const saving = useChange(
    async () => {
      const content = {
        description,
        inherits,
        permissions: [...own].filter((permission) => !inherited.has(permission)),
      };
      if (role === undefined) await api.POST('/roles', { body: { name: name.trim(), ...content } });
      else await api.PATCH('/roles/{role}', { params: { path: { role: role.name } }, body: content });
    },
    listKey(tenant, 'roles'),
  );
  const save = () =>
    saving.mutate(undefined, {
      onSuccess: () => {
        tellDone(words.saved(name.trim()));
        onClose();
      },
    });
  return (
    <FormDialog
      title={role === undefined ? words.make : words.editLabel(role.name)}
      action={words.save}
      isPending={saving.isPending}
      error={saving.error}
      isReady={name.trim() !== ''}
      onSubmit={save}
      onClose={onClose}
    >
      {role === undefined && (
        <TextInput
          label={words.name}
          description={words.nameHint}
          value={name}
          onChange={({ currentTarget }) => setName(currentTarget.value)}
          required
          data-autofocus
        />
      )}
      <TextInput
        label={words.description}
        value={description}
        maxLength={1000}
        onChange={({ currentTarget }) => setDescription(currentTarget.value)}
      />
      <MultiSelect
        label={words.inheritsFrom}
        value={inherits}
        onChange={setInherits}
        data={roles.map((each) => each.name).filter((each) => each !== role?.name)}
        hidePickedOptions
        searchable
      />
      <Input.Label component="div">{words.permissions}</Input.Label>
      <PermissionMatrix value={own} onChange={setOwn} fixed={inherited} />
    </FormDialog>
  );
}
