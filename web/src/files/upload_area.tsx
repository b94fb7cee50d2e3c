import { ActionIcon, Button, FileButton, Group, Paper, Progress, Stack, Text } from '@mantine/core';
import { Upload as UploadIcon, X } from 'lucide-react';
import { type DragEvent, type ReactNode, useState } from 'react';
import classes from './files.module.css';
import type { FileSource } from './source.ts';
import { text } from './text.ts';
import { useUploads } from './use_uploads.ts';

/** Files that are dropped here are uploaded into a folder of the run. */
export function UploadArea(props: {
  readonly source: FileSource;
  readonly folder: string;
  readonly children: ReactNode;
}) {
  const { uploads, add } = useUploads(props.source, props.folder);
  const [isOver, setOver] = useState(false);
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    add(event.dataTransfer.files);
  };
  return (
    <Paper
      withBorder
      p="xs"
      className={isOver ? classes.dropping : undefined}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={onDrop}
    >
      <Stack gap="xs">
        <div className={classes.treeBox}>{props.children}</div>
        {uploads.map(({ id, name, part, stop }) => (
          <Group key={id} gap="xs" wrap="nowrap">
            <Stack gap={2} flex={1} miw={0}>
              <Text size="xs" truncate>
                {text.uploading(name, part)}
              </Text>
              <Progress value={part * 100} aria-label={name} />
            </Stack>
            <ActionIcon size="sm" variant="subtle" color="gray" onClick={stop} aria-label={text.stop(name)}>
              <X size={14} />
            </ActionIcon>
          </Group>
        ))}
        <Group gap="xs" justify="space-between">
          <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }} flex="1 1 8rem">
            {isOver ? `${text.dropHere} ${props.folder || text.root}` : text.drop}
          </Text>
          <FileButton multiple onChange={add}>
            {(button) => (
              <Button {...button} size="xs" variant="default" leftSection={<UploadIcon size={14} aria-hidden />}>
                {text.upload}
              </Button>
            )}
          </FileButton>
        </Group>
      </Stack>
    </Paper>
  );
}
