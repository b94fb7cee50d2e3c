import { ActionIcon, Button, Code, Group, Paper, Stack, Table, Text, Textarea, TextInput, Title } from '@mantine/core';
import { Pencil, Trash2 } from 'lucide-react';
import { type FormEvent, lazy, Suspense, useState } from 'react';
import { useTenant } from '../api/hooks.ts';
import { useMay } from '../api/rights.ts';
import { CopyIcon } from '../app/copy_icon.tsx';
import { moment } from '../app/formats.ts';
import { AnchorLink } from '../app/links.tsx';
import { Loading } from '../app/states.tsx';
import { useExperimentChanges } from './changes.ts';
import type { Experiment } from './queries.ts';
import { text } from './text.ts';

const SafeMarkdown = lazy(() => import('../app/markdown.tsx'));

/** MLflow's own tag for notes. */
const noteTag = 'mlflow.note.content';

interface PartProps {
  readonly experiment: Experiment;
  readonly mayWrite: boolean;
}

function Note({ experiment, mayWrite }: PartProps) {
  const note = experiment.tags[noteTag] ?? '';
  const [draft, setDraft] = useState<string>();
  const { setTag } = useExperimentChanges();
  const save = async () => {
    setDraft(undefined);
    if (draft !== note) await setTag(experiment, noteTag, draft || undefined);
  };
  return (
    <Paper component="section" withBorder p="sm" aria-label={text.note}>
      <Group justify="space-between">
        <Title order={2} size="h5">
          {text.note}
        </Title>
        {mayWrite && draft === undefined && (
          <ActionIcon variant="subtle" color="gray" aria-label={text.editNote} onClick={() => setDraft(note)}>
            <Pencil size={15} />
          </ActionIcon>
        )}
      </Group>
      {draft === undefined && note === '' && <Text c="dimmed">{text.noNote}</Text>}
      {draft === undefined && note !== '' && (
        <Suspense fallback={<Loading />}>
          <SafeMarkdown>{note}</SafeMarkdown>
        </Suspense>
      )}
      {draft !== undefined && (
        <Stack gap="xs">
          <Textarea
            aria-label={text.note}
            description={text.noteHelp}
            autosize
            minRows={6}
            maxRows={24}
            maxLength={20_000}
            value={draft}
            onChange={({ currentTarget }) => setDraft(currentTarget.value)}
            data-autofocus
          />
          <Group gap="xs">
            <Button size="xs" onClick={() => void save()}>
              {text.save}
            </Button>
            <Button size="xs" variant="default" onClick={() => setDraft(undefined)}>
              {text.cancel}
            </Button>
          </Group>
        </Stack>
      )}
    </Paper>
  );
}

function TagForm({ experiment }: { readonly experiment: Experiment }) {
  const [key, setKey] = useState('');
  const [value, setValue] = useState('');
  const { setTag } = useExperimentChanges();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void setTag(experiment, key, value);
    setKey('');
    setValue('');
  };
  return (
    <form onSubmit={submit} aria-label={text.addTag}>
      <Group gap="xs" align="flex-end">
        <TextInput
          size="xs"
          label={text.tagKey}
          required
          value={key}
          onChange={({ currentTarget }) => setKey(currentTarget.value)}
        />
        <TextInput
          size="xs"
          label={text.tagValue}
          value={value}
          onChange={({ currentTarget }) => setValue(currentTarget.value)}
        />
        <Button size="xs" type="submit" variant="default">
          {text.setTag}
        </Button>
      </Group>
    </form>
  );
}

function Tags({ experiment, mayWrite }: PartProps) {
  const { setTag } = useExperimentChanges();
  const tags = Object.entries(experiment.tags).filter(([key]) => key !== noteTag);
  return (
    <Paper component="section" withBorder p="sm" aria-label={text.tags}>
      <Stack gap="xs">
        <Title order={2} size="h5">
          {text.tags}
        </Title>
        {tags.length === 0 && <Text c="dimmed">{text.noTags}</Text>}
        {tags.length > 0 && (
          <Table>
            <Table.Tbody>
              {tags.map(([key, value]) => (
                <Table.Tr key={key}>
                  <Table.Th scope="row" fw={500}>
                    {key}
                  </Table.Th>
                  <Table.Td style={{ overflowWrap: 'anywhere' }}>{value}</Table.Td>
                  <Table.Td w={40}>
                    {mayWrite && (
                      <ActionIcon
                        variant="subtle"
                        color="gray"
                        aria-label={text.removeTag(key)}
                        onClick={() => void setTag(experiment, key, undefined)}
                      >
                        <Trash2 size={15} />
                      </ActionIcon>
                    )}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )}
        {mayWrite && <TagForm experiment={experiment} />}
      </Stack>
    </Paper>
  );
}

function Facts({ experiment }: { readonly experiment: Experiment }) {
  const tenant = useTenant();
  const { project } = experiment;
  const line = (label: string, value: React.ReactNode) => (
    <Table.Tr>
      <Table.Th scope="row" w={180} fw={500}>
        {label}
      </Table.Th>
      <Table.Td style={{ overflowWrap: 'anywhere' }}>{value}</Table.Td>
    </Table.Tr>
  );
  return (
    <Paper component="section" withBorder p="sm" aria-label={text.facts}>
      <Title order={2} size="h5">
        {text.facts}
      </Title>
      <Table>
        <Table.Tbody>
          {line(text.id, experiment.experiment_id)}
          {project &&
            line(
              text.project,
              <AnchorLink to="/t/$tenant/projects/$projectId" params={{ tenant, projectId: project.project_id }}>
                {project.name}
              </AnchorLink>,
            )}
          {line(text.created, moment(experiment.creation_time))}
          {line(text.updated, moment(experiment.last_update_time))}
          {line(
            text.location,
            <Group gap={4}>
              <Code>{experiment.artifact_location}</Code>
              <CopyIcon value={experiment.artifact_location} what={text.location} />
            </Group>,
          )}
        </Table.Tbody>
      </Table>
    </Paper>
  );
}

/** What is noted of an experiment: its notes, tags and facts. */
export function DetailsTab({ experiment }: { readonly experiment: Experiment }) {
  const may = useMay();
  const mayWrite = may('experiment:write') && experiment.lifecycle_stage === 'active';
  return (
    <Stack>
      <Note experiment={experiment} mayWrite={mayWrite} />
      <Tags experiment={experiment} mayWrite={mayWrite} />
      <Facts experiment={experiment} />
    </Stack>
  );
}
