import { Table } from '@mantine/core';
import type { ReactNode } from 'react';

/** Facts by their names. */
export const FactTable = ({ facts }: { readonly facts: readonly (readonly [string, ReactNode])[] }) => (
  <Table verticalSpacing={4} layout="fixed" withRowBorders={false}>
    <Table.Tbody>
      {facts.map(([name, value]) => (
        <Table.Tr key={name}>
          <Table.Th scope="row" w="45%" fw={500}>
            {name}
          </Table.Th>
          <Table.Td className="figures" style={{ overflowWrap: 'anywhere' }}>
            {value}
          </Table.Td>
        </Table.Tr>
      ))}
    </Table.Tbody>
  </Table>
);
