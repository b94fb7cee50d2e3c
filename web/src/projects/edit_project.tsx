import { useForm } from '@mantine/form';
import { FormDialog } from '../app/form_dialog.tsx';
import { ProjectFields, type ProjectForm, projectOf } from './project_fields.tsx';
import { type ProjectDetail, useProjectChanges } from './queries.ts';
import { text } from './text.ts';

export function EditProject({ project, onClose }: { readonly project: ProjectDetail; readonly onClose: () => void }) {
  const { edit } = useProjectChanges();
  const form = useForm<ProjectForm>({
    initialValues: {
      name: project.name,
      problem_class: project.problem_class ?? '',
      complexity_score: project.complexity_score ?? '',
      team_size: project.team_size ?? '',
      start_date: project.start_date ?? '',
    },
  });
  const save = (values: ProjectForm) =>
    edit.mutate({ id: project.project_id, ...projectOf(values) }, { onSuccess: onClose });
  return (
    <FormDialog
      title={text.edit}
      action={text.save}
      isPending={edit.isPending}
      error={edit.error}
      isReady={form.values.name.trim() !== ''}
      onSubmit={form.onSubmit(save)}
      onClose={onClose}
    >
      <ProjectFields form={form} />
    </FormDialog>
  );
}
