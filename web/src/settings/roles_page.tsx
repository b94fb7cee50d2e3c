import { Badge, Button, Group, Stack, Table, Text } from '@mantine/core';
import { Check, CornerDownRight } from 'lucide-react';
import { Fragment, useState } from 'react';
import { useApi, useTenant } from '../api/hooks.ts';
import { permissionRows } from '../api/permissions.ts';
import { useMay } from '../api/rights.ts';
import { tellDone } from '../app/changes.tsx';
import { Confirm } from '../app/confirm.tsx';
import { PageHead } from '../app/page_head.tsx';
import { Loading, Problem } from '../app/states.tsx';
import { Takes } from '../app/takes.tsx';
import { text as shared } from '../app/text.ts';
import { WideTable } from '../app/wide_table.tsx';
import { listKey, type Role, useRoles } from './queries.ts';
import { RoleForm } from './role_form.tsx';
import classes from './roles.module.css';
import { text } from './text.ts';

const { roles: words } = text;

/** Whether a role holds a permission: by itself, by one it inherits from, or not. */
function Cell({ role, permission }: { readonly role: Role; readonly permission: string }) {
  if (role.permissions.includes(permission)) return <Check size={16} aria-label={words.has} />;
  if (role.effective_permissions.includes(permission)) {
    return <CornerDownRight size={16} aria-label={words.inherits} />;
  }
  return (
    <Text component="span" c="dimmed" aria-label={words.hasNot} role="img">
      –
    </Text>
  );
}

function RoleHead({ role, onEdit, onRemove }: { role: Role; onEdit: () => void; onRemove: () => void }) {
  const may = useMay();
  const { name, description, built_in: isBuiltIn } = role;
  return (
    <Stack gap={4} align="center" title={description}>
      <Text size="sm" fw={650}>
        {name}
      </Text>
      <Badge size="sm" variant="light" color={isBuiltIn ? 'gray' : 'indigo'} miw="max-content">
        {isBuiltIn ? words.builtIn : words.own}
      </Badge>
      {!isBuiltIn && (
        <Group gap={4} justify="center">
          {may('role:write') && (
            <Button size="compact-xs" variant="default" aria-label={words.editLabel(name)} onClick={onEdit}>
              {words.edit}
            </Button>
          )}
          {may('role:delete') && (
            <Button
              size="compact-xs"
              variant="default"
              aria-label={words.removeTitle(name).replace('?', '')}
              onClick={onRemove}
            >
              {words.remove}
            </Button>
          )}
        </Group>
      )}
    </Stack>
  );
}

function Matrix() {
  const { data: roles, error, refetch } = useRoles();
  const [api, tenant] = [useApi(), useTenant()];
  const [edited, setEdited] = useState<Role>();
  const [removed, setRemoved] = useState<Role>();
  if (error) return <Problem error={error} onRetry={() => void refetch()} />;
  if (roles === undefined) return <Loading />;
  return (
    <>
      <WideTable
        label={text.nav.roles}
        minWidth={136 + 96 * roles.length}
        pinsFirst
        className={classes.matrix}
        verticalSpacing={4}
      >
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{words.permission}</Table.Th>
            {roles.map((role) => (
              <Table.Th key={role.name}>
                <RoleHead role={role} onEdit={() => setEdited(role)} onRemove={() => setRemoved(role)} />
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {permissionRows.map(({ resource, cells }) => (
            <Fragment key={resource}>
              {cells.map(
                (permission) =>
                  permission && (
                    <Table.Tr key={permission}>
                      <Table.Th scope="row" fw={400}>
                        {shared.permissions.resources[resource]}:{' '}
                        <b>
                          {shared.permissions.actions[
                            permission.split(':')[1] as keyof typeof shared.permissions.actions
                          ].toLowerCase()}
                        </b>
                      </Table.Th>
                      {roles.map((role) => (
                        <Table.Td key={role.name}>
                          <Cell role={role} permission={permission} />
                        </Table.Td>
                      ))}
                    </Table.Tr>
                  ),
              )}
            </Fragment>
          ))}
        </Table.Tbody>
      </WideTable>
      {edited && <RoleForm roles={roles} role={edited} onClose={() => setEdited(undefined)} />}
      {removed && (
        <Confirm
          title={words.removeTitle(removed.name)}
          button={words.remove}
          changed={listKey(tenant, 'roles')}
          onConfirm={() => api.DELETE('/roles/{role}', { params: { path: { role: removed.name } } })}
          onDone={() => tellDone(words.removed(removed.name))}
          onClose={() => setRemoved(undefined)}
        >
          {words.removeLead}
        </Confirm>
      )}
    </>
  );
}

export function RolesPage() {
  const { data: roles = [] } = useRoles();
  const may = useMay();
  const [isMaking, setMaking] = useState(false);
  return (
    <Stack>
      <PageHead title={text.nav.roles}>
        {may('role:write') && <Button onClick={() => setMaking(true)}>{words.make}</Button>}
      </PageHead>
      <Text size="sm" c="dimmed">
        {words.lead}
      </Text>
      <Takes permission="role:read">
        <Matrix />
      </Takes>
      {isMaking && <RoleForm roles={roles} onClose={() => setMaking(false)} />}
    </Stack>
  );
}
