import { Button, Group, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Loading, Problem } from '../app/states.tsx';
import { csvRows, separatorOf } from './csv.ts';
import { DataGrid } from './data_grid.tsx';
import type { ViewProps } from './file_content.tsx';
import { ModeSwitch } from './mode_switch.tsx';
import { useContent } from './queries.ts';
import { useFileSearch } from './search.ts';
import { nameOf } from './source.ts';
import { text } from './text.ts';
import { TextView } from './text_view.tsx';

const firstBytes = 2_000_000;

/** Separated values as a table; of a large file its first part, and more where the reader wants it. */
export function CsvView(props: ViewProps) {
  const { source, path, size } = props;
  const name = nameOf(path);
  const [wanted, setWanted] = useState(firstBytes);
  const [{ mode }] = useFileSearch();
  const isWhole = wanted >= size;
  const content = useContent(source, path, { enabled: size > 0, ...(isWhole ? {} : { max: wanted }) });
  const { data: table, error } = useQuery({
    queryKey: ['csv', source.id, path, content.dataUpdatedAt, wanted],
    queryFn: async () => {
      const all = await (content.data as Blob).text();
      return csvRows(all, separatorOf(name, all), isWhole);
    },
    enabled: content.data !== undefined,
    retry: false,
    gcTime: 5_000,
  });
  if (content.error) return <Problem error={content.error} onRetry={() => void content.refetch()} />;
  if (size === 0) return <Text size="sm">{text.noText}</Text>;
  const { rows = [], fault = error } = table ?? {};
  const [head = [], ...body] = rows;
  return (
    <Stack gap="xs">
      <Group justify="space-between">
        <ModeSwitch />
        {mode !== 'text' && (
          <Group gap="xs">
            <Text size="xs" c="dimmed" className="figures">
              {table && text.rows(body.length)}
              {!isWhole && ` · ${text.part(wanted, size)}`}
            </Text>
            {!isWhole && wanted < 64_000_000 && (
              <Button
                size="compact-xs"
                variant="default"
                loading={content.isFetching}
                onClick={() => setWanted(Math.min(wanted * 4, size))}
              >
                {text.loadMore}
              </Button>
            )}
          </Group>
        )}
      </Group>
      {mode === 'text' && <TextView {...props} />}
      {mode !== 'text' && fault && <Problem error={fault} />}
      {mode !== 'text' && rows.length > 0 && <DataGrid label={text.tableOf(name)} head={head} rows={body} />}
      {mode !== 'text' && !table && !error && <Loading />}
    </Stack>
  );
}
