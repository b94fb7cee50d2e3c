import { Button, Group, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { said } from '../api/said.ts';
import { text } from './text.ts';

/** What is offered to be undone, the newest last. */
const offered = new Map<string, () => void>();

const withoutText = new Set(['button', 'checkbox', 'color', 'file', 'image', 'radio', 'range', 'reset', 'submit']);

/** Whether the browser undoes what is typed there. */
const takesText = (target: EventTarget | null): boolean =>
  target instanceof HTMLInputElement
    ? !target.readOnly && !withoutText.has(target.type)
    : target instanceof HTMLTextAreaElement || (target instanceof HTMLElement && target.isContentEditable);

/** Undoes what was done last of what is offered to be, once for each time the key is pressed. */
export function undoByKey(event: KeyboardEvent): void {
  const undo = [...offered.values()].at(-1);
  if (takesText(event.target) || (undo === undefined && !event.repeat)) return;
  // Besides, the browser would undo what was typed last in a field that is left.
  event.preventDefault();
  if (!event.repeat) undo?.();
}

/** Says that something was done, and offers to undo it for ten seconds: by a button, and by a key (app/shell.tsx). */
export function offerUndo(done: string, undo: () => unknown): void {
  const id = crypto.randomUUID();
  let before: Element | null = null;
  const take = () => {
    offered.delete(id);
    notifications.hide(id);
    Promise.try(undo).catch(tellFailure);
  };
  offered.set(id, take);
  notifications.show({
    id,
    autoClose: 10_000,
    onClose: () => offered.delete(id),
    message: (
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm">{done}</Text>
        <Button
          size="compact-sm"
          variant="subtle"
          onFocus={({ relatedTarget }) => {
            before = relatedTarget;
          }}
          onClick={() => {
            // This button goes, and keys are again for whoever had them.
            if (before instanceof HTMLElement) before.focus({ preventScroll: true });
            take();
          }}
        >
          {text.undo}
        </Button>
      </Group>
    ),
  });
}

export const tellDone = (message: string): void => void notifications.show({ message });

/** Says why something was not done; it stays until it is closed. */
export const tellFailure = (error: Error): void =>
  void notifications.show({ color: 'red', title: text.notDone, message: said(error), autoClose: false });
