import { Button, Group, Stack, Text, Textarea } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { useMay } from '../api/rights.ts';
import { offerUndo } from '../app/changes.tsx';
import { Section } from '../app/section.tsx';
import { useSetTag } from './mutations.ts';
import type { Run } from './queries.ts';
import { text } from './text.ts';

const Markdown = lazy(() => import('../app/markdown.tsx'));

/** Where MLflow keeps a run's description. */
export const noteTag = 'mlflow.note.content';

/** What people wrote about a run, in Markdown. */
export function Notes({ run }: { readonly run: Run }) {
  const note = run.tags[noteTag] ?? '';
  const [draft, setDraft] = useState<string>();
  const canWrite = useMay()('run:write') && run.lifecycle_stage === 'active';
  const { mutate } = useSetTag(run.run_id);
  const save = () => {
    const value = draft ?? '';
    setDraft(undefined);
    mutate(
      { key: noteTag, value },
      { onSuccess: () => offerUndo(text.notesSaved, () => mutate({ key: noteTag, value: note })) },
    );
  };
  const edit = canWrite && draft === undefined && (
    <Button size="compact-sm" variant="default" onClick={() => setDraft(note)}>
      {note === '' ? text.writeNotes : text.editNotes}
    </Button>
  );
  return (
    <Section title={text.notes} actions={edit}>
      {draft !== undefined && (
        <Stack gap="xs">
          <Textarea
            value={draft}
            onChange={({ currentTarget }) => setDraft(currentTarget.value)}
            aria-label={text.notesLabel}
            placeholder={text.notesLabel}
            autosize
            minRows={4}
            maxRows={20}
            maxLength={8000}
            ref={(area) => area?.focus()}
          />
          <Group gap="xs">
            <Button onClick={save}>{text.save}</Button>
            <Button variant="default" onClick={() => setDraft(undefined)}>
              {text.cancel}
            </Button>
          </Group>
        </Stack>
      )}
      {draft === undefined && note === '' && (
        <Text size="sm" c="dimmed">
          {text.noNotes}
        </Text>
      )}
      {draft === undefined && note !== '' && (
        <Suspense fallback={<Text size="sm">{note}</Text>}>
          <Markdown>{note}</Markdown>
        </Suspense>
      )}
    </Section>
  );
}
