import { Button, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Loading, Problem } from '../app/states.tsx';
import type { ViewProps } from './file_content.tsx';
import { cellsOf } from './notebook.ts';
import { NotebookCell } from './notebook_cell.tsx';
import { useContent } from './queries.ts';
import { text } from './text.ts';
import { TextView } from './text_view.tsx';

/** Cells that are shown before the reader asks for more. */
const step = 50;

/** A notebook as it was saved: nothing of it runs. */
export function NotebookView(props: ViewProps) {
  const [shown, setShown] = useState(step);
  const content = useContent(props.source, props.path, { enabled: props.size > 0 });
  const { data: cells } = useQuery({
    queryKey: ['notebook', props.source.id, props.path, content.dataUpdatedAt],
    queryFn: async () => {
      try {
        return cellsOf(JSON.parse(await (content.data as Blob).text())) ?? null;
      } catch {
        return null;
      }
    },
    enabled: content.data !== undefined,
    gcTime: 5_000,
  });
  if (content.error) return <Problem error={content.error} onRetry={() => void content.refetch()} />;
  if (props.size > 0 && cells === undefined) return <Loading />;
  if (!cells) {
    return (
      <Stack gap="xs">
        <Text size="sm">{text.notNotebook}</Text>
        <TextView {...props} />
      </Stack>
    );
  }
  return (
    <Stack>
      {cells.slice(0, shown).map((cell, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: cells do not move
        <NotebookCell key={at} cell={cell} place={at + 1} source={props.source} path={props.path} />
      ))}
      {cells.length > shown && (
        <Button variant="default" w="fit-content" onClick={() => setShown(shown + step)}>
          {text.moreItems(cells.length - shown)}
        </Button>
      )}
    </Stack>
  );
}
