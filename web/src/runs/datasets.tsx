import { Badge, Button, Group, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { Section } from '../app/section.tsx';
import { Loading, Problem } from '../app/states.tsx';
import { shapeOf } from './dataset_shape.ts';
import { type Run, useRunInputs } from './queries.ts';
import { text } from './text.ts';

type Dataset = NonNullable<ReturnType<typeof useRunInputs>['data']>['datasets'][number];

function DatasetRow({ dataset }: { readonly dataset: Dataset }) {
  const [isOpen, setOpen] = useState(false);
  const { columns, rows } = shapeOf(dataset);
  const context = dataset.tags['mlflow.data.context'];
  return (
    <Stack gap={2}>
      <Group gap="xs">
        <Text size="sm" fw={600} style={{ overflowWrap: 'anywhere' }}>
          {dataset.name}
        </Text>
        {context && (
          <Badge variant="light" size="sm" tt="none">
            {context}
          </Badge>
        )}
        {rows !== undefined && <Text size="sm">{text.rows(rows)}</Text>}
        {columns.length > 0 && (
          <Button size="compact-xs" variant="subtle" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            {text.columns(columns.length)}
          </Button>
        )}
      </Group>
      <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
        {text.digest} {dataset.digest} · {dataset.source_type}
        {dataset.source && ` · ${dataset.source.slice(0, 300)}`}
      </Text>
      {isOpen && (
        <Group gap={4} mah={200} style={{ overflowY: 'auto' }} tabIndex={0}>
          {columns.slice(0, 500).map((column, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: columns may be called alike and do not move
            <Badge key={at} variant="default" size="sm" tt="none" fw={400}>
              {column.name}: {column.type}
            </Badge>
          ))}
        </Group>
      )}
    </Stack>
  );
}

/** The datasets that a run read, with what for, their shape and where they come from. */
export function Datasets({ run }: { readonly run: Run }) {
  const { data, error, refetch } = useRunInputs(run.run_id);
  return (
    <Section title={text.datasets} count={data?.datasets.length}>
      {error && <Problem error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Loading />}
      {data?.datasets.length === 0 && (
        <Text size="sm" c="dimmed">
          {text.noDatasets}
        </Text>
      )}
      {data?.datasets.map((dataset) => (
        <DatasetRow key={`${dataset.name} ${dataset.digest}`} dataset={dataset} />
      ))}
    </Section>
  );
}
