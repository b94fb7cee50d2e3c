import { ActionIcon, Button, Group, TextInput, Tooltip } from '@mantine/core';
import { Pencil } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { offerUndo } from '../app/changes.tsx';
import { PageTitle, WindowTitle } from '../app/page_head.tsx';
import { shownName } from '../app/shown_name.ts';
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
  if (draft !== undefined) {
    return (
      <Group component="form" gap="xs" onSubmit={save}>
        <WindowTitle title={shownName(run.name, run.run_id)} />
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
      <PageTitle title={shownName(run.name, run.run_id)} />
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
