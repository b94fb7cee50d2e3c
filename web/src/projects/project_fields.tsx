import { Group, NumberInput, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { text } from './text.ts';

/** What is known of a project from its beginning; '' where it is not. */
export interface ProjectForm {
  name: string;
  problem_class: string;
  complexity_score: number | '';
  team_size: number | '';
  start_date: string;
}

export const emptyProject: ProjectForm = {
  name: '',
  problem_class: '',
  complexity_score: '',
  team_size: '',
  start_date: '',
};

const orNull = <Value,>(value: Value | ''): Value | null => (value === '' ? null : value);

/** As the API takes it: what was left empty is null. */
export const projectOf = (form: ProjectForm) => ({
  name: form.name.trim(),
  problem_class: orNull(form.problem_class.trim()),
  complexity_score: orNull(form.complexity_score),
  team_size: orNull(form.team_size),
  start_date: orNull(form.start_date),
});

export function ProjectFields({ form }: { readonly form: UseFormReturnType<ProjectForm> }) {
  return (
    <>
      <TextInput label={text.name} required maxLength={250} data-autofocus {...form.getInputProps('name')} />
      <TextInput label={text.optional(text.problemClass)} {...form.getInputProps('problem_class')} />
      <Group grow>
        <NumberInput
          label={text.optional(text.fields.complexity_score)}
          min={1}
          max={100}
          allowDecimal={false}
          {...form.getInputProps('complexity_score')}
        />
        <NumberInput
          label={text.optional(text.fields.team_size)}
          min={1}
          allowDecimal={false}
          {...form.getInputProps('team_size')}
        />
      </Group>
      <TextInput type="date" label={text.optional(text.fields.start_date)} {...form.getInputProps('start_date')} />
    </>
  );
}
