import { Button, Modal, Stack, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { said } from '../api/said.ts';
import { text } from './text.ts';

function NameForm(props: {
  readonly name: string;
  readonly submit: string;
  readonly onSubmit: (name: string) => unknown;
}) {
  const [name, setName] = useState(props.name);
  const [error, setError] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      await props.onSubmit(name.trim());
    } catch (refusal) {
      setError(said(refusal));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack>
        <TextInput
          label={text.name}
          required
          value={name}
          error={error}
          onChange={({ currentTarget }) => setName(currentTarget.value)}
          data-autofocus
        />
        <Button type="submit" loading={isBusy}>
          {props.submit}
        </Button>
      </Stack>
    </form>
  );
}

/** Asks for an experiment's name. What `onSubmit` rejects with is said beside it. */
export const NameDialog = (props: {
  readonly isOpen: boolean;
  readonly title: string;
  readonly name: string;
  readonly submit: string;
  readonly onSubmit: (name: string) => unknown;
  readonly onClose: () => void;
}) => (
  <Modal opened={props.isOpen} onClose={props.onClose} title={props.title}>
    <NameForm name={props.name} submit={props.submit} onSubmit={props.onSubmit} />
  </Modal>
);
