import { Modal, NavLink, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { tellDone, tellFailure } from '../app/changes.tsx';
import { Problem } from '../app/states.tsx';
import { type Artifact, useArtifactChanges, useProjectSearch } from './queries.ts';
import { text } from './text.ts';

/** One click opens it, a click on a project records the use. */
export function UseInProject({ artifact, onClose }: { readonly artifact: Artifact; readonly onClose: () => void }) {
  const [typed, setTyped] = useState('');
  const [q] = useDebouncedValue(typed, 150);
  const { data: projects, error } = useProjectSearch(q);
  const { use } = useArtifactChanges();
  const record = (projectId: string, name: string) =>
    use.mutate(
      { id: artifact.artifact_id, projectId },
      {
        onSuccess: () => {
          tellDone(text.used(name));
          onClose();
        },
        onError: tellFailure,
      },
    );
  return (
    <Modal opened onClose={onClose} title={text.useLead}>
      <Stack gap="xs">
        <TextInput
          type="search"
          data-autofocus
          placeholder={text.findProject}
          aria-label={text.findProject}
          value={typed}
          onChange={({ currentTarget }) => setTyped(currentTarget.value)}
        />
        {error && <Problem error={error} />}
        {projects?.map(({ project_id: id, name, problem_class: problemClass }) => (
          <NavLink
            key={id}
            component="button"
            label={name}
            description={problemClass}
            disabled={use.isPending}
            onClick={() => record(id, name)}
          />
        ))}
        {projects?.length === 0 && <Text c="dimmed">{text.notFoundTitle}</Text>}
      </Stack>
    </Modal>
  );
}
