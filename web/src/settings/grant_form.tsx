import { Group, Input, NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { BodyOf } from '../api/contract_types.ts';
import { useApi, useChange, useTenant } from '../api/hooks.ts';
import { allPermissions } from '../api/permissions.ts';
import type { Permission } from '../api/rights.ts';
import { tellDone } from '../app/changes.tsx';
import { FormDialog } from '../app/form_dialog.tsx';
import { PermissionMatrix } from '../app/permission_matrix.tsx';
import { listKey } from './queries.ts';
import { type Subject, SubjectPicker } from './subject_picker.tsx';
import { text } from './text.ts';

const { grants: words } = text;

/** What can be granted on single things: nothing of the tenant's own administration. */
const offered = allPermissions.filter((permission) => !/^(?:tenant|member|role|key|audit):/.test(permission));

export function GrantForm({ onClose }: { readonly onClose: () => void }) {
  const [api, tenant] = [useApi(), useTenant()];
  const [subject, setSubject] = useState<Subject>();
  const [kind, setKind] = useState('experiment');
  const [id, setId] = useState('');
  const [permissions, setPermissions] = useState<ReadonlySet<Permission>>(new Set());
  const granting = useChange(
    (body: BodyOf<'/grants', 'post'>) => api.POST('/grants', { body }),
    listKey(tenant, 'grants'),
  );
  const isWhole = subject !== undefined && id.trim() !== '' && permissions.size > 0;
  const grant = () => {
    const body = { subject, resource: { kind, id: id.trim() }, permissions: [...permissions] };
    granting.mutate(body as BodyOf<'/grants', 'post'>, {
      onSuccess: () => {
        tellDone(words.granted);
        onClose();
      },
    });
  };
  return (
    <FormDialog
      title={words.make}
      action={words.save}
      isPending={granting.isPending}
      error={granting.error}
      isReady={isWhole}
      onSubmit={grant}
      onClose={onClose}
    >
      <SubjectPicker label={words.who} value={subject} onChange={setSubject} />
      <Group grow align="flex-end">
        <NativeSelect
          label={words.kind}
          value={kind}
          data={Object.entries(words.kinds).map(([value, label]) => ({ value, label }))}
          onChange={({ currentTarget }) => setKind(currentTarget.value)}
        />
        <TextInput
          label={words.id}
          description={words.idHint}
          value={id}
          onChange={({ currentTarget }) => setId(currentTarget.value)}
          required
        />
      </Group>
      <Input.Label component="div">{words.permissions}</Input.Label>
      <PermissionMatrix value={permissions} onChange={setPermissions} offered={offered} />
    </FormDialog>
  );
}
