import { Button, Grid, Group, Paper, Stack, Text } from '@mantine/core';
import { FolderOpen } from 'lucide-react';
import { useState } from 'react';
import { useMay } from '../api/rights.ts';
import { Empty } from '../app/empty.tsx';
import { Loading, Problem } from '../app/states.tsx';
import { FileView } from './file_view.tsx';
import { Folder } from './folder.tsx';
import { useFolder } from './queries.ts';
import { type FileSource, folderOf } from './source.ts';
import { text } from './text.ts';
import { UploadArea } from './upload_area.tsx';

interface Props {
  readonly source: FileSource;
  /** The file that is shown; '' for none. */
  readonly path: string;
  readonly onOpen: (path: string) => void;
}

/** The files of a run or a model: a tree, and beside it the one that is looked at. */
export function FileBrowser({ source, path, onOpen }: Props) {
  const root = useFolder(source, '');
  const mayWrite = useMay()('run:write') && source.kind === 'run';
  const [folder, setFolder] = useState(folderOf(path));
  if (!root.data) return root.error ? <Problem error={root.error} onRetry={() => void root.refetch()} /> : <Loading />;
  const isEmpty = root.data.pages.every(({ files }) => files.length === 0);
  const tree = isEmpty ? (
    <Empty Icon={FolderOpen} title={text.files}>
      {source.kind === 'run' ? text.none : text.noneOfModel}
    </Empty>
  ) : (
    <Folder source={source} path="" shown={path} onOpen={onOpen} onFolder={setFolder} />
  );
  return (
    <Grid gap="md">
      <Grid.Col span={{ base: 12, md: 4, lg: 3 }} display={path === '' ? undefined : { base: 'none', md: 'block' }}>
        {mayWrite ? (
          <UploadArea source={source} folder={folder}>
            {tree}
          </UploadArea>
        ) : (
          <Paper withBorder p="xs">
            {tree}
          </Paper>
        )}
      </Grid.Col>
      <Grid.Col span={{ base: 12, md: 8, lg: 9 }}>
        {path === '' ? (
          !isEmpty && (
            <Text c="dimmed" size="sm">
              {text.choose}
            </Text>
          )
        ) : (
          <Stack gap="xs">
            <Group hiddenFrom="md">
              <Button size="xs" variant="default" onClick={() => onOpen('')}>
                {text.back}
              </Button>
            </Group>
            <FileView key={path} source={source} path={path} onGone={() => onOpen('')} />
          </Stack>
        )}
      </Grid.Col>
    </Grid>
  );
}
