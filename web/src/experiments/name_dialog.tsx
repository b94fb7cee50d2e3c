import { TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { FormDialog } from '../app/form_dialog.tsx';
import { text } from './text.ts';

/** Asks for an experiment's name. What `onSubmit` rejects with is said below it. */
export function NameDialog(props: {
  readonly title: string;
  readonly name: string;
  readonly submit: string;
  readonly onSubmit: (name: string) => Promise<unknown>;
  readonly onClose: () => void;
}) {
  const [name, setName] = useState(props.name);
  const sending = useMutation({ mutationFn: () => props.onSubmit(name.trim()) });
  return (
    <FormDialog
      title={props.title}
      action={props.submit}
      isPending={sending.isPending}
      error={sending.error}
      isReady={name.trim() !== ''}
      onSubmit={() => sending.mutate()}
      onClose={props.onClose}
    >
      <TextInput
        label={text.name}
        required
        value={name}
        onChange={({ currentTarget }) => setName(currentTarget.value)}
        data-autofocus
      />
    </FormDialog>
  );
}
