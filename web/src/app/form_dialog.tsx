import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import type { FormEventHandler, ReactNode } from 'react';
import { saidWhole } from '../api/said.ts';
import { text } from './text.ts';

interface FormDialogProps {
  readonly title: string;
  /** What the button that sends it says. */
  readonly action: string;
  readonly isPending: boolean;
  readonly error: Error | null;
  readonly onSubmit: FormEventHandler<HTMLFormElement>;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** A form in front of the page: what it asks for, what was refused, and a way out. */
export const FormDialog = ({ title, action, isPending, error, onSubmit, onClose, children }: FormDialogProps) => (
  <Modal opened onClose={onClose} title={title} size="lg">
    <form onSubmit={onSubmit}>
      <Stack>
        {children}
        <Text size="sm" c="error" role="alert">
          {error && saidWhole(error)}
        </Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {text.cancel}
          </Button>
          <Button type="submit" loading={isPending}>
            {action}
          </Button>
        </Group>
      </Stack>
    </form>
  </Modal>
);
