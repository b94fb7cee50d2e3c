import { Checkbox, Group, Stack, Text } from '@mantine/core';
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

/** Bytes at the end of a file that are shown. */
const tailBytes = 256 * 1024;

/** The last lines of a text; those that come are followed where the reader wants it. */
export function TailView({ source, path, size, isLive = false }: ViewProps & { readonly isLive?: boolean }) {
  const api = useApi();
  const [follows, setFollows] = useState(true);
  const { data, error, refetch } = useQuery({
    queryKey: [...filesKey(useTenant(), source), 'tail', path, size],
    queryFn: async ({ signal }) => {
      if (size === 0) return { lines: [], isWhole: true };
      const from = Math.max(0, size - tailBytes);
      const content = await readFile(api, source, path, signal, { from, to: size - 1 });
      return { lines: wholeLines(await content.arrayBuffer(), from === 0).lines, isWhole: from === 0 };
    },
    placeholderData: (before) => before,
    gcTime: 5_000,
  });
  if (error) return <Problem error={error} onRetry={() => void refetch()} />;
  if (!data) return <Loading />;
  if (data.lines.length === 0) return <Text size="sm">{text.noText}</Text>;
  return (
    <Stack gap={4}>
      <LinesBox label={text.textOf(nameOf(path))} lines={data.lines} follows={follows} />
      <Group gap="md">
        <Text size="xs" c="dimmed" className="figures">
          {data.isWhole ? text.lines(data.lines.length) : text.part(Math.min(size, tailBytes), size)}
        </Text>
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
