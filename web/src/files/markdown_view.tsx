import { Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Loading, Problem } from '../app/states.tsx';
import type { ViewProps } from './file_content.tsx';
import { FileMarkdown } from './file_markdown.tsx';
import { ModeSwitch } from './mode_switch.tsx';
import { useContent } from './queries.ts';
import { useFileSearch } from './search.ts';
import { TextView } from './text_view.tsx';

/** A text of Markdown as it is meant. */
export function MarkdownView(props: ViewProps) {
  const [{ mode }] = useFileSearch();
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
      <ModeSwitch />
      {mode === 'text' ? (
        <TextView {...props} />
      ) : (
        <FileMarkdown source={props.source} path={props.path}>
          {data ?? ''}
        </FileMarkdown>
      )}
    </Stack>
  );
}
