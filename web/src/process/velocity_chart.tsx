import { Button, Card, Group, SegmentedControl, Select, Stack, Table, Text } from '@mantine/core';
import { useState } from 'react';
import { Bars } from '../app/bars.tsx';
import { figure } from '../app/formats.ts';
import { Loading, Problem } from '../app/states.tsx';
import { WideTable } from '../app/wide_table.tsx';
import { useMetricTypes, useVelocity, type Velocity } from './queries.ts';
import { buckets, useProcessSearch } from './search.ts';
import { text } from './text.ts';

const bucketChoices = buckets.map((value) => ({ value, label: text.buckets[value] }));

/** One measure of a project over time, with its trend and how sure that is. */
export function VelocityChart({ projectId, days }: { readonly projectId: string; readonly days: number }) {
  const types = useMetricTypes(projectId, days);
  const [search, change] = useProcessSearch();
  const { bucket = days > 120 ? 'month' : 'week' } = search;
  const [isTable, setTable] = useState(false);
  const names = types.data?.map((metric) => metric.metric_type) ?? [];
  const metric = search.measure || names[0] || 'git_velocity';
  const velocity = useVelocity(projectId, metric, bucket, days);
  const error = types.error ?? velocity.error;
  return (
    <Card withBorder>
      <Stack>
        <Group justify="space-between" align="flex-end">
          <Select
            label={text.metric}
            data={[...new Set([...names, metric])]}
            value={metric}
            allowDeselect={false}
            onChange={(measure) => change({ measure: measure ?? undefined })}
          />
          <Group gap="xs">
            <SegmentedControl
              aria-label={text.bucket}
              data={bucketChoices}
              value={bucket}
              onChange={(value) => change({ bucket: buckets.find((one) => one === value) })}
            />
            <Button variant="default" size="xs" onClick={() => setTable(!isTable)}>
              {isTable ? text.asChart : text.asTable}
            </Button>
          </Group>
        </Group>
        {error && <Problem error={error} />}
        {!velocity.data && !error && <Loading />}
        {velocity.data && <Shown velocity={velocity.data} isTable={isTable} />}
      </Stack>
    </Card>
  );
}

type Measure = 'count' | 'sum' | 'mean' | 'p50' | 'p90' | 'p95';

const measured = (bucket: Velocity['buckets'][number], measure: string): number => bucket[measure as Measure] ?? 0;

function Shown({ velocity, isTable }: { readonly velocity: Velocity; readonly isTable: boolean }) {
  const { trend, bucket, buckets: shown, metric_type: type, measure, unit } = velocity;
  if (shown.every(({ count }) => count === 0)) return <Text c="dimmed">{text.none}</Text>;
  const bars = shown.map((one) => {
    const value = measured(one, measure);
    return { key: one.start, value, label: text.bar(one.start, value), isOpen: !one.is_complete };
  });
  const axis = text.axis(text.measures[measure], bucket, unit);
  return (
    <Stack gap="xs">
      <Text size="sm">{axis}</Text>
      {isTable ? (
        <WideTable label={type} minWidth={240}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{text.start}</Table.Th>
              <Table.Th>{unit ?? text.value}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {bars.map(({ key, value }) => (
              <Table.Tr key={key}>
                <Table.Td>{key}</Table.Td>
                <Table.Td className="figures">{figure(value)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </WideTable>
      ) : (
        <Bars bars={bars} label={`${type}: ${axis}`} ends={[shown[0]?.start ?? '', shown.at(-1)?.start ?? '']} />
      )}
      {trend && (
        <Text size="sm" c="dimmed">
          {text.trendLine(text.trend[trend.direction], trend.slope, bucket, trend.interval)}
        </Text>
      )}
    </Stack>
  );
}
