import { Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useCallback } from 'react';
import Markdown, { type PictureProps } from '../app/markdown.tsx';
import { Loading, Problem } from '../app/states.tsx';
import type { ViewProps } from './file_content.tsx';
import { FilePicture } from './file_picture.tsx';
import { ModeSwitch } from './mode_switch.tsx';
import { useContent } from './queries.ts';
import { useFileSearch } from './search.ts';
import { folderOf } from './source.ts';
import { TextView } from './text_view.tsx';

/** A picture that lies where the text says, from the folder that the text is in; `..` goes a folder up. */
function pathFrom(textPath: string, src: string): string {
  const parts = folderOf(textPath).split('/').filter(Boolean);
  for (const part of decoded(src).split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}

/** A path as Markdown has it: what its characters stand for, where it is written that way. */
function decoded(src: string): string {
  try {
    return decodeURIComponent(src);
  } catch {
    return src;
  }
}

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
  const { path } = props;
  const { kind, id } = props.source;
  const Picture = useCallback(
    ({ src, alt }: PictureProps) => <FilePicture source={{ kind, id }} path={pathFrom(path, src)} alt={alt} />,
    [kind, id, path],
  );
  if (content.error) return <Problem error={content.error} onRetry={() => void content.refetch()} />;
  if (props.size > 0 && data === undefined) return <Loading />;
  return (
    <Stack gap="xs">
      <ModeSwitch />
      {mode === 'text' ? <TextView {...props} /> : <Markdown Picture={Picture}>{data ?? ''}</Markdown>}
    </Stack>
  );
}
