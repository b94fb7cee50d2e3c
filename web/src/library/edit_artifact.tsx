import { useForm } from '@mantine/form';
import { FormDialog } from '../app/form_dialog.tsx';
import { ArtifactFields } from './artifact_fields.tsx';
import { type Artifact, useArtifactChanges } from './queries.ts';
import { text } from './text.ts';

/** Changes the name, the type, the description and the tags. */
export function EditArtifact({ artifact, onClose }: { readonly artifact: Artifact; readonly onClose: () => void }) {
  const { edit } = useArtifactChanges();
  const { name, type, description, tags, artifact_id: id } = artifact;
  const form = useForm({ initialValues: { name, type, description, tags } });
  return (
    <FormDialog
      title={text.edit}
      action={text.save}
      isPending={edit.isPending}
      error={edit.error}
      isReady={form.values.name.trim() !== '' && form.values.type.trim() !== ''}
      onSubmit={form.onSubmit((values) => edit.mutate({ id, ...values }, { onSuccess: onClose }))}
      onClose={onClose}
    >
      <ArtifactFields form={form} />
    </FormDialog>
  );
}
