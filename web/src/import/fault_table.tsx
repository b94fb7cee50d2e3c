import { Table, Text } from '@mantine/core';
import { count } from '../app/formats.ts';
import { WideTable } from '../app/wide_table.tsx';
import { type Outcome, useRows } from './queries.ts';
import { text } from './text.ts';

/** A file as it is read. */
export interface FileRead {
  readonly file: File;
  readonly delimiter: string;
}

const faultsShown = 200;

/** Which rows of a file are wrong, and how. */
export function FaultTable({ faults, file, delimiter }: FileRead & Pick<Outcome, 'faults'>) {
  const shown = faults.slice(0, faultsShown);
  const rows = useRows(file, delimiter, [...new Set(shown.map(({ line }) => line))]);
  if (faults.length === 0) return null;
  return (
    <>
      {faults.length > faultsShown && <Text size="sm">{text.shownFaults(faultsShown)}</Text>}
      <WideTable label={text.reason} minWidth={640}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{text.line}</Table.Th>
            <Table.Th>{text.reason}</Table.Th>
            <Table.Th>{text.row}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {shown.map(({ line, reason }) => (
            <Table.Tr key={`${line}:${reason}`}>
              <Table.Td className="figures">{count(line)}</Table.Td>
              <Table.Td>{reason}</Table.Td>
              <Table.Td c="dimmed" style={{ overflowWrap: 'anywhere' }}>
                <Text size="sm" lineClamp={3}>
                  {rows.data?.get(line)?.join(`${delimiter} `)}
                </Text>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </WideTable>
    </>
  );
}
