import { Group, SegmentedControl, Stack, Text } from '@mantine/core';
import { useCallback } from 'react';
import { Loading, Problem } from '../app/states.tsx';
import type { ViewProps } from './file_content.tsx';
import { LinesBox } from './lines_box.tsx';
import { useFileSearch } from './search.ts';
import { nameOf } from './source.ts';
import { TailView } from './tail_view.tsx';
import { text } from './text.ts';
import { textBytesMax, useText } from './use_text.ts';

/** A text of any size: from its start piece by piece, or its end. */
export function TextView(props: ViewProps) {
  const [{ end = false }, change] = useFileSearch();
  return (
    <Stack gap="xs">
      {props.size > textBytesMax && (
        <SegmentedControl
          size="xs"
          w="fit-content"
          aria-label={text.place}
          value={end ? 'end' : 'start'}
          onChange={(place) => change({ end: place === 'end' || undefined })}
          data={[
            { value: 'start', label: text.toStart },
            { value: 'end', label: text.toEnd },
          ]}
        />
      )}
      {end && props.size > textBytesMax ? <TailView {...props} /> : <HeadView {...props} />}
    </Stack>
  );
}

function HeadView({ source, path, size }: ViewProps) {
  const { lines, read, error, refetch, isPending, ...next } = useText(source, path, size);
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = next;
  const onEnd = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage && !isFetchNextPageError) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage]);
  if (error && lines.length === 0) return <Problem error={error} onRetry={() => void refetch()} />;
  if (isPending) return <Loading />;
  if (size === 0) return <Text size="sm">{text.noText}</Text>;
  return (
    <Stack gap={4}>
      <LinesBox label={text.textOf(nameOf(path))} lines={lines} first={1} onEnd={onEnd} />
      {isFetchNextPageError && error && <Problem error={error} onRetry={() => void fetchNextPage()} />}
      <Group gap="xs">
        <Text size="xs" c="dimmed" className="figures">
          {text.lines(lines.length)}
          {read < size && ` · ${text.part(read, size)}`}
        </Text>
      </Group>
    </Stack>
  );
}
