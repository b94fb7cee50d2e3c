import { Button, Checkbox, Group, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi, useTenant } from '../api/hooks.ts';
import { Loading, Problem } from '../app/states.tsx';
import type { ViewProps } from './file_content.tsx';
import { LinesBox } from './lines_box.tsx';
import { filesKey } from './queries.ts';
import { nameOf, readFile } from './source.ts';
import { text } from './text.ts';
import { wholeLines } from './text_lines.ts';
import { textBytesMax } from './use_text.ts';

/** Bytes at the end of a file that are shown at first; what is shown doubles each time that the reader wants more. */
const tailBytes = 256 * 1024;

/** The last lines of a text; those that come are followed where the reader wants it. */
export function TailView({ source, path, size, isLive = false }: ViewProps & { readonly isLive?: boolean }) {
  const api = useApi();
  const [follows, setFollows] = useState(true);
  /** Where what the reader wants begins, once more than the end is wanted: it stays there as the file grows. */
  const [start, setStart] = useState<number>();
  const from = Math.max(0, size - (start === undefined ? tailBytes : textBytesMax), start ?? 0);
  const { data, error, refetch, isFetching } = useQuery({
    queryKey: [...filesKey(useTenant(), source), 'tail', path, size, from],
    queryFn: async ({ signal }) => {
      if (size === 0) return { lines: [], from: 0, size };
      const content = await readFile(api, source, path, signal, { from, to: size - 1 });
      return { lines: wholeLines(await content.arrayBuffer(), from === 0).lines, from, size };
    },
    placeholderData: (before) => before,
    gcTime: 5_000,
  });
  if (error) return <Problem error={error} onRetry={() => void refetch()} />;
  if (!data) return <Loading />;
  if (data.lines.length === 0) return <Text size="sm">{text.noText}</Text>;
  const isWhole = data.from === 0;
  const loadEarlier = () => {
    setFollows(false);
    setStart(Math.max(0, data.size - 2 * Math.max(tailBytes, data.size - data.from)));
  };
  return (
    <Stack gap={4}>
      <LinesBox
        label={text.textOf(nameOf(path))}
        lines={data.lines}
        // Lines are counted from a file's beginning, and that is not here.
        first={isWhole ? 1 : undefined}
        begins={data.from}
        follows={follows}
      />
      <Group gap="md">
        <Text size="xs" c="dimmed" className="figures">
          {isWhole ? text.lines(data.lines.length) : text.lastPart(data.size - data.from, data.size)}
        </Text>
        {!isWhole && data.size - data.from < textBytesMax && (
          <Button size="compact-xs" variant="default" loading={isFetching} onClick={loadEarlier}>
            {text.earlier}
          </Button>
        )}
        {isLive && (
          <Checkbox
            size="xs"
            label={text.follow}
            checked={follows}
            onChange={({ currentTarget }) => setFollows(currentTarget.checked)}
          />
        )}
      </Group>
    </Stack>
  );
}
