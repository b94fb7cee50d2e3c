import { Checkbox, Table } from '@mantine/core';
import { allPermissions, permissionActions, permissionRows } from '../api/permissions.ts';
import type { Permission } from '../api/rights.ts';
import { text } from './text.ts';

/** Permissions as a table of resources and actions; those of `fixed` are held anyway, and cannot be taken away here. */
export function PermissionMatrix({
  value,
  onChange,
  fixed = new Set(),
  offered = allPermissions,
}: {
  readonly value: ReadonlySet<Permission>;
  readonly onChange: (value: ReadonlySet<Permission>) => void;
  readonly fixed?: ReadonlySet<string>;
  /** Those that may be chosen. */
  readonly offered?: readonly Permission[];
}) {
  const toggle = (permission: Permission) => {
    const next = new Set(value);
    if (!next.delete(permission)) next.add(permission);
    onChange(next);
  };
  const rows = permissionRows.filter(({ cells }) => cells.some((cell) => cell && offered.includes(cell)));
  return (
    <Table withRowBorders={false} verticalSpacing={4} layout="fixed">
      <Table.Thead>
        <Table.Tr>
          <Table.Th w="40%">{text.permissions.resource}</Table.Th>
          {permissionActions.map((action) => (
            <Table.Th key={action} ta="center">
              {text.permissions.actions[action]}
            </Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map(({ resource, cells }) => (
          <Table.Tr key={resource}>
            <Table.Th fw={500} scope="row">
              {text.permissions.resources[resource]}
            </Table.Th>
            {cells.map((permission, at) => (
              <Table.Td key={permissionActions[at]}>
                {permission && offered.includes(permission) && (
                  <Checkbox
                    aria-label={permission}
                    checked={value.has(permission) || fixed.has(permission)}
                    disabled={fixed.has(permission)}
                    onChange={() => toggle(permission)}
                    styles={{ body: { justifyContent: 'center' } }}
                  />
                )}
              </Table.Td>
            ))}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
