import { Button, Group, Skeleton, Stack, Table, Text } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { WideTable } from '../app/wide_table.tsx';
import type { Drawing } from './queries.ts';
import { text } from './text.ts';

const GraphCanvas = lazy(() => import('./graph_canvas.tsx').then(({ GraphCanvas }) => ({ default: GraphCanvas })));

/** Who works with whom, as points and lines without names, and as a table. */
export function CollaborationGraph({ drawing }: { readonly drawing: Drawing }) {
  const [isTable, setTable] = useState(false);
  // Of a crowd not every tie is drawn; each has two ends.
  const label = text.graph(drawing.degrees.length, drawing.degrees.reduce((sum, degree) => sum + degree, 0) / 2);
  return (
    <Stack gap="xs" component="figure" m={0} aria-label={text.graphTitle}>
      <Group justify="space-between" align="start" wrap="nowrap">
        <Text component="figcaption" size="sm" c="dimmed" maw={620}>
          {text.graphLead}
        </Text>
        <Button variant="default" size="xs" flex="none" onClick={() => setTable(!isTable)}>
          {isTable ? text.asChart : text.asTable}
        </Button>
      </Group>
      {isTable ? (
        <TieTable drawing={drawing} />
      ) : (
        <Suspense fallback={<Skeleton h={384} />}>
          <GraphCanvas drawing={drawing} label={label} />
        </Suspense>
      )}
    </Stack>
  );
}

function TieTable({ drawing: { degrees, ties } }: { readonly drawing: Drawing }) {
  const othersOf = (place: number) =>
    ties.flatMap(({ one, other }) => (one === place ? [other + 1] : other === place ? [one + 1] : []));
  return (
    <WideTable label={text.graphTitle} minWidth={320}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{text.people}</Table.Th>
          <Table.Th>{text.with}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {degrees.map((degree, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: people have places and no names
          <Table.Tr key={place}>
            <Table.Th scope="row">{text.person(place + 1)}</Table.Th>
            <Table.Td className="figures">{text.tiedWith(othersOf(place), degree)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </WideTable>
  );
}
