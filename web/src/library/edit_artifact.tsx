import { Autocomplete, Button, Group, Modal, Stack, TagsInput, Text, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { type Artifact, useArtifactChanges } from './queries.ts';
import { text } from './text.ts';
import { artifactTypes } from './types.ts';

/** Changes the name, the type, the description and the tags. */
export function EditArtifact({ artifact, onClose }: { readonly artifact: Artifact; readonly onClose: () => void }) {
  const { edit } = useArtifactChanges();
  const { name, type, description, tags, artifact_id: id } = artifact;
  const form = useForm({ initialValues: { name, type, description, tags } });
  return (
    <Modal opened onClose={onClose} title={text.edit} size="lg">
      <form onSubmit={form.onSubmit((values) => edit.mutate({ id, ...values }, { onSuccess: onClose }))}>
        <Stack>
          <TextInput label={text.name} required maxLength={250} data-autofocus {...form.getInputProps('name')} />
          <Autocomplete label={text.type} required data={artifactTypes} {...form.getInputProps('type')} />
          <Textarea label={text.description} autosize minRows={2} maxRows={8} {...form.getInputProps('description')} />
          <TagsInput label={text.tags} placeholder={text.tagsHint} {...form.getInputProps('tags')} />
          <Text size="sm" c="error" role="alert">
            {edit.error?.message}
          </Text>
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {text.cancel}
            </Button>
            <Button type="submit" loading={edit.isPending}>
              {text.save}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
