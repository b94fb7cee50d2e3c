import { Button, Stack, Text } from '@mantine/core';
import { type ComponentType, lazy, Suspense, useState } from 'react';
import { Loading } from '../app/states.tsx';
import { type FileKind, kindOf } from './kinds.ts';
import { useFileSearch } from './search.ts';
import { type FileSource, nameOf } from './source.ts';
import { text } from './text.ts';
import { TextView } from './text_view.tsx';

export interface ViewProps {
  readonly source: FileSource;
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

interface View {
  readonly View: ComponentType<ViewProps>;
  /** Larger files are loaded when the reader says so; without it, the view takes any size. */
  readonly max?: number;
}

const megabytes = 1_000_000;
const media = lazy(() => import('./media_view.tsx').then(({ MediaView }) => ({ default: MediaView })));
const views: Record<Exclude<FileKind, 'unknown' | 'pdf'>, View> = {
  image: { View: media, max: 30 * megabytes },
  audio: { View: media, max: 50 * megabytes },
  video: { View: media, max: 50 * megabytes },
  csv: { View: lazy(() => import('./csv_view.tsx').then(({ CsvView }) => ({ default: CsvView }))) },
  json: {
    View: lazy(() => import('./json_view.tsx').then(({ JsonView }) => ({ default: JsonView }))),
    max: 20 * megabytes,
  },
  markdown: {
    View: lazy(() => import('./markdown_view.tsx').then(({ MarkdownView }) => ({ default: MarkdownView }))),
    max: 2 * megabytes,
  },
  notebook: {
    View: lazy(() => import('./notebook_view.tsx').then(({ NotebookView }) => ({ default: NotebookView }))),
    max: 30 * megabytes,
  },
  sandbox: {
    View: lazy(() => import('./sandbox_view.tsx').then(({ SandboxView }) => ({ default: SandboxView }))),
    max: 30 * megabytes,
  },
  text: { View: TextView },
};

/** What is in a file, in the way of its kind. */
export function FileContent(props: ViewProps) {
  const kind = kindOf(nameOf(props.path));
  const [wantsAll, setWantsAll] = useState(false);
  const [{ mode }, change] = useFileSearch();
  const wantsText = kind === 'unknown' && mode === 'text';
  if (kind === 'pdf') return <Text size="sm">{text.pdf}</Text>;
  const { View, max = Number.POSITIVE_INFINITY } = kind === 'unknown' ? { View: TextView } : views[kind];
  if (kind === 'unknown' && !wantsText) {
    return (
      <Stack align="start" gap="xs">
        <Text size="sm">{text.noPreview}</Text>
        <Button size="xs" variant="default" onClick={() => change({ mode: 'text' })}>
          {text.asText}
        </Button>
      </Stack>
    );
  }
  if (props.size > max && !wantsAll) {
    return (
      <Stack align="start" gap="xs">
        <Text size="sm">{text.tooLarge(props.size, max)}</Text>
        <Button size="xs" variant="default" onClick={() => setWantsAll(true)}>
          {text.showAnyway(props.size)}
        </Button>
      </Stack>
    );
  }
  return (
    <Suspense fallback={<Loading />}>
      <View {...props} />
    </Suspense>
  );
}
