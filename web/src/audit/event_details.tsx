import { Code, Stack, Table, Text } from '@mantine/core';
import { text } from './text.ts';
import type { AuditEvent } from './types.ts';

/** A value of an audit row, as text. */
const shown = (value: unknown): string =>
  value === undefined || value === null || value === ''
    ? '–'
    : typeof value === 'string'
      ? value
      : JSON.stringify(value);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What a row says besides: the fields that were changed with what they were before, and where it stands in the chain. */
export function EventDetails({ event }: { readonly event: AuditEvent }) {
  const { before, switched, tenant_id: _tenant, ...after } = event.detail;
  const old = isRecord(before) ? before : undefined;
  const facts = [
    [text.request, event.request_id],
    [text.seq, String(event.seq)],
    [text.hash, event.hash],
  ] as const;
  return (
    <Stack gap="xs" p="xs">
      {switched === true && <Text size="sm">{text.switched}</Text>}
      {event.erased && <Text size="sm">{text.erased}</Text>}
      {Object.keys({ ...after, ...event.personal }).length > 0 && (
        <Table withTableBorder verticalSpacing={4}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{text.field}</Table.Th>
              {old && <Table.Th>{text.before}</Table.Th>}
              <Table.Th>{old ? text.after : ''}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {Object.entries({ ...event.personal, ...after }).map(([field, value]) => (
              <Table.Tr key={field}>
                <Table.Td>{field}</Table.Td>
                {old && (
                  <Table.Td style={{ overflowWrap: 'anywhere' }}>
                    {field in old ? <del>{shown(old[field])}</del> : ''}
                  </Table.Td>
                )}
                <Table.Td style={{ overflowWrap: 'anywhere' }}>{shown(value)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
      {facts.map(([name, value]) => (
        <Text key={name} size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
          {name}: <Code>{value}</Code>
        </Text>
      ))}
    </Stack>
  );
}
