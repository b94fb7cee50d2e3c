import { Alert, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { TriangleAlert } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { FormDialog } from './form_dialog.tsx';
import { text } from './text.ts';

/** Asks for what cannot be taken back: it is done once its name has been typed, letter by letter. */
export function ConfirmByTyping({
  title,
  word,
  button,
  children,
  onConfirm,
  onClose,
}: {
  readonly title: string;
  /** What is to be typed: the name of what will be gone. */
  readonly word: string;
  readonly button: string;
  /** What will happen. */
  readonly children: ReactNode;
  readonly onConfirm: () => Promise<unknown>;
  readonly onClose: () => void;
}) {
  const [typed, setTyped] = useState('');
  const confirming = useMutation({ mutationFn: onConfirm });
  return (
    <FormDialog
      title={title}
      action={button}
      isPending={confirming.isPending}
      error={confirming.error}
      isReady={typed.trim() === word}
      danger
      onSubmit={() => confirming.mutate()}
      onClose={onClose}
    >
      <Alert color="red" variant="light" icon={<TriangleAlert size={18} aria-hidden />}>
        {children}
      </Alert>
      <TextInput
        label={text.typeToConfirm(word)}
        value={typed}
        onChange={({ currentTarget }) => setTyped(currentTarget.value)}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        data-autofocus
      />
    </FormDialog>
  );
}
