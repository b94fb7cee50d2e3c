import {
  Autocomplete,
  Button,
  Group,
  Modal,
  Progress,
  Stack,
  TagsInput,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { FileField } from './file_field.tsx';
import { useArtifactChanges } from './queries.ts';
import { text } from './text.ts';
import { artifactTypes } from './types.ts';

const route = getRouteApi('/signed-in/t/$tenant/library');

/** Makes an artifact, and its first version where a file is given. */
export function AddArtifact({ isOpen, onClose }: { readonly isOpen: boolean; readonly onClose: () => void }) {
  const { tenant } = route.useParams();
  const navigate = useNavigate();
  const { create, addVersion } = useArtifactChanges();
  const [file, setFile] = useState<File | null>(null);
  const [share, setShare] = useState<number>();
  const form = useForm({
    initialValues: { name: '', type: artifactTypes[0] as string, description: '', tags: [] as string[] },
  });
  const [error, setError] = useState<Error>();
  const add = async (values: typeof form.values) => {
    setError(undefined);
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
    <Modal opened={isOpen} onClose={onClose} title={text.add} size="lg">
      <form onSubmit={form.onSubmit(add)}>
        <Stack>
          <TextInput label={text.name} required maxLength={250} data-autofocus {...form.getInputProps('name')} />
          <Autocomplete label={text.type} required data={artifactTypes} {...form.getInputProps('type')} />
          <Textarea label={text.description} autosize minRows={2} maxRows={8} {...form.getInputProps('description')} />
          <TagsInput label={text.tags} placeholder={text.tagsHint} {...form.getInputProps('tags')} />
          <FileField file={file} onFile={setFile} />
          {share !== undefined && <Progress value={share * 100} aria-label={text.uploading(share)} />}
          <Text size="sm" c="error" role="alert">
            {error?.message}
          </Text>
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {text.cancel}
            </Button>
            <Button type="submit" loading={create.isPending || addVersion.isPending}>
              {text.add}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
