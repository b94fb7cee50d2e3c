import { Button, FileButton, Paper, Stack, Text } from '@mantine/core';
import { FileUp } from 'lucide-react';
import { type DragEvent, useState } from 'react';

interface DropZoneProps {
  /** What to drop here, or what was dropped. */
  readonly says: string;
  readonly choose: string;
  readonly accept?: string;
  readonly onFile: (file: File) => void;
}

/** Takes one file: dropped, or chosen. */
export function DropZone({ says, choose, accept, onFile }: DropZoneProps) {
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
        <Text size="sm">{says}</Text>
        <FileButton
          {...(accept === undefined ? {} : { accept })}
          onChange={(chosen) => chosen && onFile(chosen)}
          inputProps={{ 'aria-label': choose }}
        >
          {(props) => (
            <Button {...props} size="xs" variant="default" leftSection={<FileUp size={16} aria-hidden />}>
              {choose}
            </Button>
          )}
        </FileButton>
      </Stack>
    </Paper>
  );
}
