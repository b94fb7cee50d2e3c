import { Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { ScrollBox } from '../app/scroll_box.tsx';
import { Loading, Problem } from '../app/states.tsx';
import { DataGrid } from './data_grid.tsx';
import type { ViewProps } from './file_content.tsx';
import classes from './files.module.css';
import { JsonNode } from './json_node.tsx';
import { tableIn } from './json_table.ts';
import { readJson } from './json_text.ts';
import { ModeSwitch } from './mode_switch.tsx';
import { useContent } from './queries.ts';
import { useFileSearch } from './search.ts';
import { nameOf } from './source.ts';
import { text } from './text.ts';
import { TextView } from './text_view.tsx';

/** JSON as a tree, and a table where it is one of mlflow.log_table. */
export function JsonView(props: ViewProps) {
  const { source, path, size } = props;
  const [{ mode }] = useFileSearch();
  const content = useContent(source, path);
  const read = useQuery({
    queryKey: ['json', source.id, path, content.dataUpdatedAt],
    queryFn: async () => {
      try {
        return { value: readJson(await (content.data as Blob).text()) };
      } catch {
        return null;
      }
    },
    enabled: content.data !== undefined,
    gcTime: 5_000,
  });
  if (content.error) return <Problem error={content.error} onRetry={() => void content.refetch()} />;
  if (size > 0 && read.data === undefined) return <Loading />;
  if (!read.data) {
    return (
      <Stack gap="xs">
        <Text size="sm">{text.notJson}</Text>
        <TextView {...props} />
      </Stack>
    );
  }
  const table = tableIn(read.data.value);
  return (
    <Stack gap="xs">
      <ModeSwitch />
      {mode === 'text' && <TextView {...props} />}
      {mode !== 'text' && table && <DataGrid label={text.tableOf(nameOf(path))} {...table} />}
      {mode !== 'text' && !table && (
        <ScrollBox className={classes.json} label={text.textOf(nameOf(path))}>
          <ul>
            <JsonNode name="" value={read.data.value} depth={0} />
          </ul>
        </ScrollBox>
      )}
    </Stack>
  );
}
