import { Autocomplete, TagsInput, Textarea, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { text } from './text.ts';
import { artifactTypes } from './types.ts';

export interface ArtifactForm {
  name: string;
  type: string;
  description: string;
  tags: string[];
}

export const ArtifactFields = ({ form }: { readonly form: UseFormReturnType<ArtifactForm> }) => (
  <>
    <TextInput label={text.name} required maxLength={250} data-autofocus {...form.getInputProps('name')} />
    <Autocomplete label={text.type} required data={artifactTypes} {...form.getInputProps('type')} />
    <Textarea label={text.description} autosize minRows={2} maxRows={8} {...form.getInputProps('description')} />
    <TagsInput label={text.tags} placeholder={text.tagsHint} {...form.getInputProps('tags')} />
  </>
);
