import { Button, Group, Select, SimpleGrid, Stack, Table, Text, TextInput } from '@mantine/core';
import { WideTable } from '../app/wide_table.tsx';
import { importFields, type Mapping } from './fields.ts';
import type { TableHead } from './table_head.ts';
import { text } from './text.ts';

interface ColumnsStepProps {
  readonly head: TableHead;
  readonly mapping: Mapping;
  readonly onChange: (mapping: Mapping) => void;
  readonly onBack: () => void;
  readonly onDone: () => void;
}

/** Which column is which field, in which unit. */
export function ColumnsStep({ head, mapping, onChange, onBack, onDone }: ColumnsStepProps) {
  const isNamed = Boolean(mapping.columns.name);
  return (
    <Stack>
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
        {importFields.map((field) => (
          <FieldColumn key={field.name} field={field} columns={head.columns} mapping={mapping} onChange={onChange} />
        ))}
        <TextInput
          label={text.dateFormat}
          value={mapping.dateFormat}
          onChange={({ currentTarget }) => onChange({ ...mapping, dateFormat: currentTarget.value })}
        />
      </SimpleGrid>
      <Text size="sm" c="dimmed">
        {text.rest}
      </Text>
      <FirstRows head={head} />
      <Group justify="space-between">
        <Button variant="default" onClick={onBack}>
          {text.back}
        </Button>
        <Group gap="xs">
          {!isNamed && <Text size="sm">{text.noName}</Text>}
          <Button disabled={!isNamed} onClick={onDone}>
            {text.check}
          </Button>
        </Group>
      </Group>
    </Stack>
  );
}

interface FieldColumnProps extends Pick<ColumnsStepProps, 'mapping' | 'onChange'> {
  readonly field: (typeof importFields)[number];
  readonly columns: readonly string[];
}

function FieldColumn({ field: { name, units }, columns, mapping, onChange }: FieldColumnProps) {
  const label = text.fields[name];
  const column = mapping.columns[name];
  return (
    <Group align="flex-end" gap="xs" wrap="nowrap">
      <Select
        flex={1}
        label={label}
        placeholder={text.noColumn}
        data={[...new Set(columns.filter((one) => one !== ''))]}
        value={column ?? null}
        clearable
        searchable
        onChange={(value) => onChange({ ...mapping, columns: { ...mapping.columns, [name]: value ?? '' } })}
      />
      {units.length > 0 && column && (
        <Select
          w={120}
          aria-label={text.unitOf(label)}
          data={units.map((unit) => ({ value: unit, label: text.units[unit] as string }))}
          value={mapping.units[name] ?? (units[0] as string)}
          allowDeselect={false}
          onChange={(unit) => onChange({ ...mapping, units: { ...mapping.units, [name]: unit as string } })}
        />
      )}
    </Group>
  );
}

function FirstRows({ head }: { readonly head: TableHead }) {
  return (
    <WideTable label={text.example} minWidth={Math.min(2_000, head.columns.length * 120)}>
      <Table.Thead>
        <Table.Tr>
          {head.columns.map((column) => (
            <Table.Th key={column}>{column}</Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {head.rows.map((row) => (
          <Table.Tr key={row.join('\u0000')}>
            {head.columns.map((column, place) => (
              <Table.Td key={column}>{row[place]}</Table.Td>
            ))}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </WideTable>
  );
}
