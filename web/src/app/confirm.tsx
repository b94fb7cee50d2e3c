import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import type { QueryKey } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useChange } from '../api/hooks.ts';
import { FormError } from './form_error.tsx';
import { text } from './text.ts';

/** Asks once more before something that cannot be undone, and is no catastrophe: for those see ConfirmByTyping. */
export function Confirm<Answer>({
  title,
  button,
  children,
  changed,
  onConfirm,
  onDone,
  onClose,
}: {
  readonly title: string;
  readonly button: string;
  /** What will happen. */
  readonly children: ReactNode;
  /** What is asked anew afterwards. */
  readonly changed: QueryKey;
  readonly onConfirm: () => Promise<Answer>;
  readonly onDone?: (answer: Answer) => void;
  readonly onClose: () => void;
}) {
  const confirming = useChange(onConfirm, changed);
  return (
    <Modal opened onClose={onClose} title={title}>
      <Stack gap="sm">
        <Text size="sm" component="div">
          {children}
        </Text>
        <FormError error={confirming.error} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose} data-autofocus>
            {text.cancel}
          </Button>
          <Button
            color="red.9"
            loading={confirming.isPending}
            onClick={() =>
              confirming.mutate(undefined, {
                onSuccess: (answer) => {
                  onDone?.(answer);
                  onClose();
                },
              })
            }
          >
            {button}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
