import { NumberInput, Select, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { FormDialog } from '../app/form_dialog.tsx';
import { type Member, useMemberChanges } from './queries.ts';
import { text } from './text.ts';

type Level = NonNullable<Member['experience_level']>;
const levels = (['junior', 'mid', 'senior', 'lead'] as const).map((value) => ({ value, label: text.levels[value] }));

export function AddMember({ projectId, onClose }: { readonly projectId: string; readonly onClose: () => void }) {
  const { add } = useMemberChanges(projectId);
  const form = useForm({
    initialValues: { name: '', role: '', level: null as Level | null, hours: '' as number | '' },
  });
  const send = ({ name, role, level, hours }: typeof form.values) =>
    add.mutate(
      {
        name: name.trim(),
        role: role.trim(),
        experience_level: level,
        contribution_hours: hours === '' ? null : hours,
      },
      { onSuccess: onClose },
    );
  return (
    <FormDialog
      title={text.addMember}
      action={text.addMember}
      isPending={add.isPending}
      error={add.error}
      isReady={form.values.name.trim() !== '' && form.values.role.trim() !== ''}
      onSubmit={form.onSubmit(send)}
      onClose={onClose}
    >
      <TextInput label={text.name} required data-autofocus {...form.getInputProps('name')} />
      <TextInput label={text.role} required {...form.getInputProps('role')} />
      <Select label={text.optional(text.experience)} data={levels} clearable {...form.getInputProps('level')} />
      <NumberInput label={text.optional(text.hoursWorked)} min={0} {...form.getInputProps('hours')} />
    </FormDialog>
  );
}
