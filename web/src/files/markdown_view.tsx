import { SegmentedControl, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import Markdown from '../app/markdown.tsx';
import { Loading, Problem } from '../app/states.tsx';
import type { ViewProps } from './file_content.tsx';
import { useContent } from './queries.ts';
import { text } from './text.ts';
import { TextView } from './text_view.tsx';

/** A text of Markdown as it is meant. */
export function MarkdownView(props: ViewProps) {
  const [mode, setMode] = useState('view');
  const content = useContent(props.source, props.path, { enabled: props.size > 0 });
  const { data } = useQuery({
    queryKey: ['markdown', props.source.id, props.path, content.dataUpdatedAt],
    queryFn: () => (content.data as Blob).text(),
    enabled: content.data !== undefined,
    gcTime: 5_000,
  });
  if (content.error) return <Problem error={content.error} onRetry={() => void content.refetch()} />;
  if (props.size > 0 && data === undefined) return <Loading />;
  return (
    <Stack gap="xs">
      <SegmentedControl
        size="xs"
        w="fit-content"
        value={mode}
        onChange={setMode}
        data={[
          { value: 'view', label: text.asView },
          { value: 'text', label: text.asText },
        ]}
      />
      {mode === 'text' ? <TextView {...props} /> : <Markdown>{data ?? ''}</Markdown>}
    </Stack>
  );
}
