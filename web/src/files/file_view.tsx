import { Button, Group, Stack, Text, Title } from '@mantine/core';
import { Download, LibraryBig, Trash2 } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useTenant } from '../api/hooks.ts';
import { useMay } from '../api/rights.ts';
import { CopyIcon } from '../app/copy_icon.tsx';
import { Loading, NotFound, Problem } from '../app/states.tsx';
import { FileContent } from './file_content.tsx';
import { useEntry } from './queries.ts';
import { RemoveDialog } from './remove_dialog.tsx';
import { downloadLink, type FileSource, nameOf } from './source.ts';
import { text } from './text.ts';

const PromoteDialog = lazy(() =>
  import('./promote_dialog.tsx').then(({ PromoteDialog }) => ({ default: PromoteDialog })),
);

/** One file: what it is, what can be done with it, and what is in it. */
export function FileView(props: { readonly source: FileSource; readonly path: string; readonly onGone: () => void }) {
  const { source, path } = props;
  const tenant = useTenant();
  const { data: entry, error, refetch, isPending } = useEntry(source, path);
  const mayDelete = useMay()('run:delete') && source.kind === 'run';
  const mayPromote = useMay()('artifact:write') && source.kind === 'run';
  const [dialog, setDialog] = useState<'remove' | 'promote'>();
  if (error) return <Problem error={error} onRetry={() => void refetch()} />;
  if (isPending) return <Loading />;
  if (!entry) return <NotFound />;
  const close = () => setDialog(undefined);
  return (
    <Stack gap="xs">
      <Group justify="space-between" gap="xs">
        <Group gap="xs" miw={0}>
          <Title order={2} size="h5" style={{ overflowWrap: 'anywhere' }}>
            {nameOf(path)}
          </Title>
          <CopyIcon value={path} what={path} />
          {!entry.is_dir && (
            <Text size="sm" c="dimmed" className="figures">
              {text.size(entry.file_size)}
            </Text>
          )}
        </Group>
        <Group gap="xs">
          {!entry.is_dir && (
            <Button
              component="a"
              size="xs"
              variant="default"
              href={downloadLink(tenant, source, path)}
              download={nameOf(path)}
              leftSection={<Download size={14} aria-hidden />}
            >
              {text.download}
            </Button>
          )}
          {mayPromote && (
            <Button
              size="xs"
              variant="default"
              leftSection={<LibraryBig size={14} aria-hidden />}
              onClick={() => setDialog('promote')}
            >
              {text.promote}
            </Button>
          )}
          {mayDelete && (
            <Button
              size="xs"
              variant="default"
              leftSection={<Trash2 size={14} aria-hidden />}
              onClick={() => setDialog('remove')}
            >
              {text.remove}
            </Button>
          )}
        </Group>
      </Group>
      {!entry.is_dir && <FileContent source={source} path={path} size={entry.file_size} />}
      {dialog === 'remove' && <RemoveDialog source={source} path={path} onClose={close} onGone={props.onGone} />}
      {dialog === 'promote' && (
        <Suspense>
          <PromoteDialog of={{ run_id: source.id, path }} suggestion={nameOf(path)} onClose={close} />
        </Suspense>
      )}
    </Stack>
  );
}
