import { Button, FileButton, Paper, Stack, Text } from '@mantine/core';
import { FileUp } from 'lucide-react';
import { type DragEvent, useState } from 'react';
import { bytes } from '../app/formats.ts';
import { text } from './text.ts';

/** Takes one file: dropped, or chosen. */
export function FileField({ file, onFile }: { readonly file: File | null; readonly onFile: (file: File) => void }) {
  const [isOver, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const dropped = event.dataTransfer.files[0];
    if (dropped) onFile(dropped);
  };
  return (
    <Paper
      withBorder
      p="md"
      bg={isOver ? 'var(--mantine-primary-color-light)' : 'transparent'}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <Stack align="center" gap="xs">
        <Text size="sm">{file ? text.chosen(file.name, bytes(file.size)) : text.dropHere}</Text>
        <FileButton onChange={(chosen) => chosen && onFile(chosen)} inputProps={{ 'aria-label': text.file }}>
          {(props) => (
            <Button {...props} size="xs" variant="default" leftSection={<FileUp size={16} aria-hidden />}>
              {text.file}
            </Button>
          )}
        </FileButton>
      </Stack>
    </Paper>
  );
}
