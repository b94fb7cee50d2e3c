import { Badge, Group, Table, Text } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import { ago, figure, isoTime, moment } from '../app/formats.ts';
import { AnchorLink } from '../app/links.tsx';
import { shownName } from '../app/shown_name.ts';
import { latestOf } from './latest_metrics.ts';
import type { Model } from './queries.ts';
import { text } from './text.ts';

const shownMetrics = 4;

/** Logged models, with their last metrics. */
export function ModelsTable({ models }: { readonly models: readonly Model[] }) {
  const { tenant = '' } = useParams({ strict: false });
  return (
    <Table.ScrollContainer minWidth={720}>
      <Table highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            {[text.name, text.type, text.status, text.metrics, text.source, text.created].map((name) => (
              <Table.Th key={name}>{name}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {models.map((model) => (
            <Table.Tr key={model.model_id}>
              <Table.Td style={{ overflowWrap: 'anywhere' }}>
                <AnchorLink to="/t/$tenant/models/$modelId" params={{ tenant, modelId: model.model_id }}>
                  {shownName(model.name, model.model_id)}
                </AnchorLink>
              </Table.Td>
              <Table.Td>{model.model_type}</Table.Td>
              <Table.Td>{text.statuses[model.status]}</Table.Td>
              <Table.Td>
                <Group gap={4}>
                  {latestOf(model.metrics)
                    .slice(0, shownMetrics)
                    .map(({ key, value, dataset_name: dataset }) => (
                      <Badge key={`${key} ${dataset}`} variant="default" tt="none" fw={400} className="figures">
                        {key} {figure(value)}
                      </Badge>
                    ))}
                </Group>
              </Table.Td>
              <Table.Td>
                {/^[0-9a-f]{32}$/.test(model.source_run_id) && (
                  <AnchorLink
                    to="/t/$tenant/runs/$runId"
                    params={{ tenant, runId: model.source_run_id }}
                    ff="monospace"
                    fz="inherit"
                  >
                    {model.source_run_id.slice(0, 8)}
                  </AnchorLink>
                )}
              </Table.Td>
              <Table.Td className="figures">
                <Text
                  component="time"
                  inherit
                  dateTime={isoTime(model.creation_time)}
                  title={moment(model.creation_time)}
                >
                  {ago(model.creation_time)}
                </Text>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
