import { Group, NumberInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { tellDone } from '../app/changes.tsx';
import { FormDialog } from '../app/form_dialog.tsx';
import { type ProjectDetail, useProjectChanges } from './queries.ts';
import { text } from './text.ts';

const figures = ['success_score', 'model_performance', 'compute_cost', 'business_impact'] as const;
type Figures = Record<(typeof figures)[number], number | ''>;

/** What came of a project: it ends by it, and teaches. */
export function RecordOutcome({ project, onClose }: { readonly project: ProjectDetail; readonly onClose: () => void }) {
  const { recordOutcome } = useProjectChanges();
  const form = useForm<Figures & { completion_date: string }>({
    initialValues: {
      success_score: project.success_score ?? '',
      model_performance: project.model_performance ?? '',
      compute_cost: project.compute_cost ?? '',
      business_impact: project.business_impact ?? '',
      completion_date: project.completion_date ?? new Date().toISOString().slice(0, 10),
    },
  });
  const record = ({ completion_date: day, ...values }: typeof form.values) =>
    recordOutcome.mutate(
      {
        id: project.project_id,
        ...Object.fromEntries(figures.map((name) => [name, values[name] === '' ? null : values[name]])),
        completion_date: day === '' ? null : day,
      },
      {
        onSuccess: () => {
          tellDone(text.outcomeDone);
          onClose();
        },
      },
    );
  return (
    <FormDialog
      title={text.outcome}
      action={text.save}
      isPending={recordOutcome.isPending}
      error={recordOutcome.error}
      onSubmit={form.onSubmit(record)}
      onClose={onClose}
    >
      <TextInput
        type="date"
        label={text.optional(text.fields.completion_date)}
        {...form.getInputProps('completion_date')}
      />
      <Group grow>
        <NumberInput
          label={text.optional(text.fields.success_score)}
          min={0}
          max={100}
          {...form.getInputProps('success_score')}
        />
        <NumberInput
          label={text.optional(text.fields.model_performance)}
          {...form.getInputProps('model_performance')}
        />
      </Group>
      <Group grow>
        <NumberInput label={text.optional(text.fields.compute_cost)} min={0} {...form.getInputProps('compute_cost')} />
        <NumberInput label={text.optional(text.fields.business_impact)} {...form.getInputProps('business_impact')} />
      </Group>
    </FormDialog>
  );
}
