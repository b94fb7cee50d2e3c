import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { FormError } from './form_error.tsx';
import { text } from './text.ts';

interface FormDialogProps {
  readonly title: string;
  /** What the button that sends it says. */
  readonly action: string;
  readonly isPending: boolean;
  readonly error: Error | null;
  /** Whether all that it takes is given. */
  readonly isReady?: boolean;
  /** Whether what it does cannot be taken back. */
  readonly danger?: boolean;
  readonly onSubmit: (event: FormEvent<HTMLFormElement>) => void;
  readonly onClose: () => void;
  readonly children: ReactNode;
  /** What stands in the form's place once it was sent, and is shown this once. */
  readonly result?: ReactNode;
}

/** A form in front of the page: what it asks for, what was refused, and a way out. */
export function FormDialog(props: FormDialogProps) {
  const { title, action, isPending, error, isReady = true, danger = false, onSubmit, onClose, children } = props;
  const [isHeld, setHeld] = useState(false);
  // What stands there then is shown once: a key pressed too much does not take it away.
  const close = () => (props.result && !isHeld ? setHeld(true) : onClose());
  return (
    <Modal opened onClose={close} title={title} size={danger ? 'md' : 'lg'}>
      {props.result && isHeld && (
        <Text size="sm" c="error" fw={600} role="alert" pb="xs">
          {text.keptBefore}
        </Text>
      )}
      {props.result ?? (
        <form
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            if (isReady) onSubmit(event);
          }}
        >
          <Stack gap="sm">
            {children}
            <FormError error={error} />
            <Group justify="flex-end" gap="xs">
              <Button variant="default" onClick={onClose} data-autofocus={danger || undefined}>
                {text.cancel}
              </Button>
              <Button type="submit" {...(danger ? { color: 'red.9' } : {})} disabled={!isReady} loading={isPending}>
                {action}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  );
}
