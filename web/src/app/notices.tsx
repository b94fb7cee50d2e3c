import { Button, Group, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { said } from '../api/said.ts';
import { text } from './text.ts';

/** Says that something was done. */
export const tellDone = (message: string): unknown => notifications.show({ message, color: 'green' });

/** Says that something could not be done, and why. */
export const tellRefusal = (error: unknown): unknown =>
  notifications.show({ title: text.notDone, message: said(error), color: 'red', autoClose: 10_000 });

const undoMs = 10_000;

/** Says that something was done, and takes it back for who presses Undo. */
export function tellUndoable(message: string, undo: () => Promise<unknown>): void {
  const id = notifications.show({
    color: 'green',
    autoClose: undoMs,
    message: (
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm">{message}</Text>
        <Button
          size="compact-sm"
          variant="default"
          onClick={() => {
            notifications.hide(id);
            undo().catch(tellRefusal);
          }}
        >
          {text.undo}
        </Button>
      </Group>
    ),
  });
}
