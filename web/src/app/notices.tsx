import { Button, Group, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { text } from './text.ts';

/** Says that something is done, with a way back for as long as it is said. */
export function sayDone(message: string, onUndo?: () => void): void {
  const id = notifications.show({
    autoClose: 8_000,
    withBorder: true,
    closeButtonProps: { 'aria-label': text.close },
    message: (
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm">{message}</Text>
        {onUndo && (
          <Button
            size="compact-sm"
            variant="light"
            onClick={() => {
              notifications.hide(id);
              onUndo();
            }}
          >
            {text.undo}
          </Button>
        )}
      </Group>
    ),
  });
}

/** Says why something was not done. */
export const sayRefused = (error: Error): void =>
  void notifications.show({
    color: 'red',
    withBorder: true,
    autoClose: 12_000,
    closeButtonProps: { 'aria-label': text.close },
    title: text.notDone,
    message: error.message,
    role: 'alert',
  });
