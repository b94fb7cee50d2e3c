import { Badge, Button, Group, Switch, Table, Text } from '@mantine/core';
import { useState } from 'react';
import type { BodyOf } from '../api/contract_types.ts';
import { useAction, useApi, useTenant } from '../api/hooks.ts';
import { useMay } from '../api/rights.ts';
import { offerUndo, tellDone } from '../app/changes.tsx';
import { Confirm } from '../app/confirm.tsx';
import { RoleSelect } from '../app/role_select.tsx';
import { tenantKeys } from '../keys/homes.ts';
import { KeyForm } from '../keys/key_form.tsx';
import { type Account, listKey, useRoleNames } from './queries.ts';
import { text } from './text.ts';

const { machines: words } = text;

/** A service account, with what can be changed of it. */
export function AccountRow({ account }: { readonly account: Account }) {
  const [api, tenant] = [useApi(), useTenant()];
  const changed = listKey(tenant, 'service-accounts');
  const may = useMay();
  const roles = useRoleNames();
  const [asked, setAsked] = useState<'key' | 'remove'>();
  const { id, name, role, is_active: isActive, is_orphaned: isOrphaned } = account;
  const path = { params: { path: { service_account_id: id } } };
  type Change = BodyOf<'/service-accounts/{service_account_id}', 'patch'>;
  const changing = useAction(
    (body: Change) => api.PATCH('/service-accounts/{service_account_id}', { ...path, body }),
    changed,
    { isShown: true },
  );
  const setRole = (next: string) =>
    changing.mutate(
      { role: next },
      {
        onSuccess: () => offerUndo(text.members.nowIs(name, next), () => changing.mutate({ role })),
      },
    );
  const mayWrite = may('key:write');
  return (
    <Table.Tr>
      <Table.Td>
        <Text size="sm" fw={600} component="span" style={{ overflowWrap: 'anywhere' }}>
          {name}
        </Text>{' '}
        {isOrphaned && (
          <Badge size="sm" variant="light" color="orange">
            {words.orphaned}
          </Badge>
        )}
      </Table.Td>
      <Table.Td>
        {mayWrite ? (
          <RoleSelect
            size="xs"
            miw={150}
            aria-label={words.roleOf(name)}
            roles={roles}
            value={(changing.isPending ? changing.variables.role : undefined) ?? role}
            onChange={setRole}
          />
        ) : (
          role
        )}
      </Table.Td>
      <Table.Td>
        {mayWrite ? (
          <Switch
            aria-label={words.activeLabel(name)}
            checked={(changing.isPending ? changing.variables.is_active : undefined) ?? isActive}
            onChange={({ currentTarget }) => changing.mutate({ is_active: currentTarget.checked })}
          />
        ) : isActive ? (
          words.active
        ) : (
          words.closed
        )}
      </Table.Td>
      <Table.Td>
        <Group gap={6} justify="flex-end" wrap="nowrap">
          {isOrphaned && mayWrite && (
            <Button
              variant="default"
              size="compact-sm"
              onClick={() => changing.mutate({ adopt: true }, { onSuccess: () => tellDone(words.adopted(name)) })}
            >
              {words.adopt}
            </Button>
          )}
          {mayWrite && (
            <Button
              variant="default"
              size="compact-sm"
              aria-label={words.keyLabel(name)}
              onClick={() => setAsked('key')}
            >
              {words.key}
            </Button>
          )}
          {may('key:delete') && (
            <Button
              variant="default"
              size="compact-sm"
              aria-label={words.removeLabel(name)}
              onClick={() => setAsked('remove')}
            >
              {words.remove}
            </Button>
          )}
        </Group>
        {asked === 'key' && <KeyForm home={tenantKeys(tenant, name)} onClose={() => setAsked(undefined)} />}
        {asked === 'remove' && (
          <Confirm
            title={words.removeTitle(name)}
            button={words.remove}
            changed={['t', tenant]}
            onConfirm={() => api.DELETE('/service-accounts/{service_account_id}', path)}
            onDone={() => tellDone(words.removed(name))}
            onClose={() => setAsked(undefined)}
          >
            {words.removeLead}
          </Confirm>
        )}
      </Table.Td>
    </Table.Tr>
  );
}
