import { Button, Group } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMay } from '../api/rights.ts';
import { offerUndo, tellFailure } from '../app/changes.tsx';
import { EditArtifact } from './edit_artifact.tsx';
import { type Artifact, useArtifactChanges } from './queries.ts';
import { text } from './text.ts';
import { UseInProject } from './use_in_project.tsx';

interface ActionsProps {
  readonly artifact: Artifact;
  readonly onChanged: () => void;
}

/** What may be done with an artifact by whoever looks at it. */
export function ArtifactActions({ artifact, onChanged }: ActionsProps) {
  const may = useMay();
  const { setActive } = useArtifactChanges();
  const [isEditing, edit] = useDisclosure();
  const [isUsing, use] = useDisclosure();
  if (!may('artifact:write')) return null;
  const { artifact_id: id, is_active: isActive } = artifact;
  const change = async (to: boolean) => {
    await setActive.mutateAsync({ id, isActive: to });
    onChanged();
  };
  const toggle = () =>
    change(!isActive)
      .then(() => offerUndo(isActive ? text.deprecatedNow : text.restoredNow, () => change(isActive)))
      .catch(tellFailure);
  return (
    <Group gap="xs">
      <Button onClick={use.open} disabled={!isActive || artifact.latest_version === null}>
        {text.use}
      </Button>
      <Button variant="default" onClick={edit.open}>
        {text.edit}
      </Button>
      <Button variant="default" loading={setActive.isPending} onClick={() => void toggle()}>
        {isActive ? text.deprecate : text.restore}
      </Button>
      {isEditing && <EditArtifact artifact={artifact} onClose={edit.close} />}
      {isUsing && <UseInProject artifact={artifact} onClose={use.close} />}
    </Group>
  );
}
