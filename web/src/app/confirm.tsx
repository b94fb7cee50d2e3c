import { Text } from '@mantine/core';
import type { QueryKey } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useChange } from '../api/hooks.ts';
import { FormDialog } from './form_dialog.tsx';

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
  const confirm = () =>
    confirming.mutate(undefined, {
      onSuccess: (answer) => {
        onDone?.(answer);
        onClose();
      },
    });
  return (
    <FormDialog
      title={title}
      action={button}
      isPending={confirming.isPending}
      error={confirming.error}
      danger
      onSubmit={confirm}
      onClose={onClose}
    >
      <Text size="sm" component="div">
        {children}
      </Text>
    </FormDialog>
  );
}
