import { Table, Text } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import { useMemo } from 'react';
import { figure } from '../app/formats.ts';
import { AnchorLink } from '../app/links.tsx';
import { Section } from '../app/section.tsx';
import { latestOf } from './latest_metrics.ts';
import type { Model } from './queries.ts';
import { text } from './text.ts';

/** The last value of each metric of a model on each dataset, and the run that measured it. */
export function ModelMetrics({ model }: { readonly model: Model }) {
  const { tenant = '' } = useParams({ strict: false });
  const latest = useMemo(() => latestOf(model.metrics), [model.metrics]);
  return (
    <Section title={text.metrics} count={latest.length}>
      {latest.length === 0 ? (
        <Text size="sm" c="dimmed">
          {text.noMetrics}
        </Text>
      ) : (
        <Table.ScrollContainer minWidth={480} maxHeight={420}>
          <Table className="figures">
            <Table.Thead>
              <Table.Tr>
                {[text.metric, text.value, text.step, text.dataset, text.run].map((name) => (
                  <Table.Th key={name}>{name}</Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {latest.map((point) => (
                <Table.Tr key={`${point.key} ${point.dataset_name} ${point.dataset_digest}`}>
                  <Table.Td style={{ overflowWrap: 'anywhere' }}>{point.key}</Table.Td>
                  <Table.Td title={String(point.value)}>{figure(point.value)}</Table.Td>
                  <Table.Td>{point.step}</Table.Td>
                  <Table.Td title={point.dataset_digest}>{point.dataset_name}</Table.Td>
                  <Table.Td>
                    <AnchorLink
                      to="/t/$tenant/runs/$runId"
                      params={{ tenant, runId: point.run_id }}
                      ff="monospace"
                      fz="inherit"
                    >
                      {point.run_id.slice(0, 8)}
                    </AnchorLink>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Section>
  );
}
