import { Button, Group, Input, Modal, NativeSelect, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { BodyOf } from '../api/contract_types.ts';
import { useApi, useChange, useTenant } from '../api/hooks.ts';
import { allPermissions } from '../api/permissions.ts';
import type { Permission } from '../api/rights.ts';
import { tellDone } from '../app/changes.tsx';
import { FormError } from '../app/form_error.tsx';
import { PermissionMatrix } from '../app/permission_matrix.tsx';
import { text as shared } from '../app/text.ts';
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
  return (
    <Modal opened onClose={onClose} title={words.make} size="lg">
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (!isWhole) return;
          const body = { subject, resource: { kind, id: id.trim() }, permissions: [...permissions] };
          granting.mutate(body as BodyOf<'/grants', 'post'>, {
            onSuccess: () => {
              tellDone(words.granted);
              onClose();
            },
          });
        }}
      >
        <Stack gap="sm">
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
          <FormError error={granting.error} />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {shared.cancel}
            </Button>
            <Button type="submit" disabled={!isWhole} loading={granting.isPending}>
              {words.save}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
