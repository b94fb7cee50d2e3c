import { ActionIcon, Button, Group, TextInput, Title, Tooltip } from '@mantine/core';
import { Pencil } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { offerUndo } from '../app/changes.tsx';
import { useRename } from './mutations.ts';
import type { Run } from './queries.ts';
import { text } from './text.ts';

/** The name of a run as the page's heading, to be changed in place. */
export function RunName({ run, canWrite }: { readonly run: Run; readonly canWrite: boolean }) {
  const [draft, setDraft] = useState<string>();
  const { mutate } = useRename(run.run_id);
  const save = (event: FormEvent) => {
    event.preventDefault();
    const before = run.name;
    const name = draft?.trim() ?? '';
    setDraft(undefined);
    if (name === '' || name === before) return;
    mutate(name, { onSuccess: () => offerUndo(text.renamed(name), () => mutate(before)) });
  };
  const title = <title>{`${run.name} · Maestro`}</title>;
  if (draft !== undefined) {
    return (
      <Group component="form" gap="xs" onSubmit={save}>
        {title}
        <TextInput
          value={draft}
          onChange={({ currentTarget }) => setDraft(currentTarget.value)}
          onKeyDown={({ key }) => key === 'Escape' && setDraft(undefined)}
          aria-label={text.name}
          maxLength={250}
          data-autofocus
          ref={(input) => input?.focus()}
        />
        <Button type="submit">{text.save}</Button>
        <Button variant="default" onClick={() => setDraft(undefined)}>
          {text.cancel}
        </Button>
      </Group>
    );
  }
  return (
    <Group gap="xs" wrap="nowrap" miw={0}>
      {title}
      <Title order={1} size="h3" style={{ overflowWrap: 'anywhere' }}>
        {run.name}
      </Title>
      {canWrite && run.lifecycle_stage === 'active' && (
        <Tooltip label={text.rename}>
          <ActionIcon variant="subtle" color="gray" aria-label={text.rename} onClick={() => setDraft(run.name)}>
            <Pencil size={16} />
          </ActionIcon>
        </Tooltip>
      )}
    </Group>
  );
}
