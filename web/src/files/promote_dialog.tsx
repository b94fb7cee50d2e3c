import {
  Autocomplete,
  Button,
  Group,
  Modal,
  SegmentedControl,
  Stack,
  TagsInput,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { saidWhole } from '../api/said.ts';
import { ArtifactChoice } from './artifact_choice.tsx';
import { type Promoted, usePromote } from './promote.ts';
import { text } from './text.ts';

/** Makes a run's file, or a logged model, an artifact of the library or a version of one. */
export function PromoteDialog(props: {
  readonly of: Promoted;
  readonly suggestion: string;
  readonly onClose: () => void;
}) {
  const [mode, setMode] = useState<string>('new');
  const [artifactId, setArtifactId] = useState('');
  const { mutate, isPending, error } = usePromote(props.of, props.onClose);
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: {
      name: props.suggestion.replace(/\.[^.]*$/, '').slice(0, 200),
      type: text.types[0] ?? '',
      description: '',
      tags: [] as string[],
      version: '',
    },
  });
  const send = ({ version, ...artifact }: ReturnType<typeof form.getValues>) =>
    mutate({
      ...(mode === 'new' ? artifact : { artifact_id: artifactId }),
      ...(version.trim() === '' ? {} : { version: version.trim() }),
    });
  return (
    <Modal opened onClose={props.onClose} title={text.promoteTitle} size="lg">
      <form onSubmit={form.onSubmit(send)}>
        <Stack gap="sm">
          <Text size="sm" c="dimmed">
            {text.promoteLead}
          </Text>
          <SegmentedControl
            value={mode}
            onChange={setMode}
            data={[
              { value: 'new', label: text.asNew },
              { value: 'version', label: text.asVersion },
            ]}
          />
          {mode === 'new' ? (
            <>
              <TextInput
                {...form.getInputProps('name')}
                key={form.key('name')}
                label={text.name}
                maxLength={200}
                required
              />
              <Autocomplete
                {...form.getInputProps('type')}
                key={form.key('type')}
                label={text.type}
                data={text.types}
                required
              />
              <Textarea
                {...form.getInputProps('description')}
                key={form.key('description')}
                label={text.description}
                autosize
                minRows={2}
              />
              <TagsInput {...form.getInputProps('tags')} key={form.key('tags')} label={text.tags} maxTags={50} />
            </>
          ) : (
            <ArtifactChoice value={artifactId} onChange={setArtifactId} />
          )}
          <TextInput
            {...form.getInputProps('version')}
            key={form.key('version')}
            label={text.version}
            description={text.versionHint}
            maxLength={100}
          />
          <Text size="sm" c="error" role="alert">
            {error && saidWhole(error)}
          </Text>
          <Group justify="end">
            <Button variant="default" onClick={props.onClose}>
              {text.cancel}
            </Button>
            <Button type="submit" loading={isPending} disabled={mode === 'version' && artifactId === ''}>
              {text.promoteDo}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
