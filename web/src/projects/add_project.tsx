import { useForm } from '@mantine/form';
import { useNavigate } from '@tanstack/react-router';
import { useTenant } from '../api/hooks.ts';
import { FormDialog } from '../app/form_dialog.tsx';
import { emptyProject, ProjectFields, type ProjectForm, projectOf } from './project_fields.tsx';
import { useProjectChanges } from './queries.ts';
import { text } from './text.ts';

/** Records a project, and leads to its page. */
export function AddProject({ onClose }: { readonly onClose: () => void }) {
  const tenant = useTenant();
  const navigate = useNavigate();
  const { create } = useProjectChanges();
  const form = useForm<ProjectForm>({ initialValues: emptyProject });
  const add = (values: ProjectForm) =>
    create.mutate(projectOf(values), {
      onSuccess: ({ project_id: projectId }) =>
        void navigate({ to: '/t/$tenant/projects/$projectId', params: { tenant, projectId } }),
    });
  return (
    <FormDialog
      title={text.add}
      action={text.add}
      isPending={create.isPending}
      error={create.error}
      isReady={form.values.name.trim() !== ''}
      onSubmit={form.onSubmit(add)}
      onClose={onClose}
    >
      <ProjectFields form={form} />
    </FormDialog>
  );
}
