import { Progress } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTenant } from '../api/hooks.ts';
import { DropZone } from '../app/drop_zone.tsx';
import { FormDialog } from '../app/form_dialog.tsx';
import { bytes } from '../app/formats.ts';
import { ArtifactFields, type ArtifactForm } from './artifact_fields.tsx';
import { useArtifactChanges } from './queries.ts';
import { text } from './text.ts';
import { artifactTypes } from './types.ts';

/** Makes an artifact, and its first version where a file is given. */
export function AddArtifact({ onClose }: { readonly onClose: () => void }) {
  const tenant = useTenant();
  const navigate = useNavigate();
  const { create, addVersion } = useArtifactChanges();
  const [file, setFile] = useState<File | null>(null);
  const [share, setShare] = useState<number>();
  const form = useForm<ArtifactForm>({
    initialValues: { name: '', type: artifactTypes[0] as string, description: '', tags: [] },
  });
  const [error, setError] = useState<Error | null>(null);
  const add = async (values: ArtifactForm) => {
    setError(null);
    try {
      const { artifact_id: id } = await create.mutateAsync({ ...values, name: values.name.trim() });
      if (file) await addVersion.mutateAsync({ id, version: '', file, onProgress: setShare });
      await navigate({ to: '/t/$tenant/library/$artifactId', params: { tenant, artifactId: id } });
    } catch (refusal) {
      setError(refusal as Error);
      setShare(undefined);
    }
  };
  return (
    <FormDialog
      title={text.add}
      action={text.add}
      isPending={create.isPending || addVersion.isPending}
      error={error}
      isReady={form.values.name.trim() !== '' && form.values.type.trim() !== ''}
      onSubmit={form.onSubmit(add)}
      onClose={onClose}
    >
      <ArtifactFields form={form} />
      <DropZone
        says={file ? text.chosen(file.name, bytes(file.size)) : text.dropHere}
        choose={text.file}
        onFile={setFile}
      />
      {share !== undefined && <Progress value={share * 100} aria-label={text.uploading(share)} />}
    </FormDialog>
  );
}
