import { Button, Stack, Switch, Table, Text, VisuallyHidden } from '@mantine/core';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { FlaskConical, Plus } from 'lucide-react';
import { useState } from 'react';
import { useMay } from '../api/rights.ts';
import { Empty } from '../app/empty.tsx';
import { ListSearch } from '../app/list_search.tsx';
import { MoreButton } from '../app/more_button.tsx';
import { PageHead } from '../app/page_head.tsx';
import { Loading, Problem } from '../app/states.tsx';
import { useRouteSearch } from '../app/use_page_search.ts';
import { PythonLines } from '../runs_table/python_lines.tsx';
import { useExperimentChanges } from './changes.ts';
import { ExperimentLine, type LineActions } from './experiment_line.tsx';
import { NameDialog } from './name_dialog.tsx';
import { type Experiment, useExperiments } from './queries.ts';
import { text } from './text.ts';

const route = getRouteApi('/signed-in/t/$tenant/experiments');

function ExperimentTable(
  props: LineActions & { readonly experiments: readonly Experiment[]; readonly isDeleted: boolean },
) {
  const { experiments, ...others } = props;
  return (
    <Table.ScrollContainer minWidth={640}>
      <Table highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{text.name}</Table.Th>
            <Table.Th>{text.project}</Table.Th>
            <Table.Th>{text.tags}</Table.Th>
            <Table.Th>{text.updated}</Table.Th>
            <Table.Th pos="relative">
              <VisuallyHidden>{text.actions}</VisuallyHidden>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {experiments.map((experiment) => (
            <ExperimentLine key={experiment.experiment_id} experiment={experiment} {...others} />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

export function ExperimentsPage() {
  const { tenant } = route.useParams();
  const [{ q = '', deleted = false }, change] = useRouteSearch(route);
  const navigate = useNavigate();
  const list = useExperiments(q, deleted);
  const { data, error, refetch } = list;
  const changes = useExperimentChanges();
  const may = useMay();
  const mayWrite = may('experiment:write');
  const mayDelete = may('experiment:delete');
  const [isCreating, setCreating] = useState(false);
  const [renamed, setRenamed] = useState<Experiment>();
  const experiments = data?.pages.flatMap((page) => page.items);
  const create = async (name: string) => {
    const { experiment_id: id } = await changes.create(name);
    void navigate({ to: '/t/$tenant/experiments/$experimentId', params: { tenant, experimentId: String(id) } });
  };
  return (
    <Stack>
      <PageHead title={text.title}>
        <Switch
          label={text.deleted}
          checked={deleted}
          onChange={({ currentTarget }) => change({ deleted: currentTarget.checked || undefined }, true)}
        />
        <ListSearch label={text.search} value={q} onChange={(next) => change({ q: next }, true)} />
        {mayWrite && (
          <Button leftSection={<Plus size={16} aria-hidden />} onClick={() => setCreating(true)}>
            {text.create}
          </Button>
        )}
      </PageHead>
      {error && <Problem error={error} onRetry={() => void refetch()} />}
      {!experiments && !error && <Loading />}
      {experiments && experiments.length > 0 && (
        <ExperimentTable
          experiments={experiments}
          isDeleted={deleted}
          mayWrite={mayWrite}
          mayDelete={mayDelete}
          onRename={setRenamed}
          onRemove={(each) => void changes.remove(each)}
          onRestore={(each) => void changes.restore(each)}
        />
      )}
      {experiments?.length === 0 && q === '' && !deleted && (
        <Empty Icon={FlaskConical} title={text.emptyTitle}>
          {text.emptyLead}
          <PythonLines experiment="my first experiment" />
        </Empty>
      )}
      {experiments?.length === 0 && (q !== '' || deleted) && (
        <Text c="dimmed">{deleted && q === '' ? text.noneDeleted : text.none}</Text>
      )}
      <MoreButton list={list} />
      {isCreating && (
        <NameDialog
          title={text.create}
          name=""
          submit={text.createIt}
          onSubmit={create}
          onClose={() => setCreating(false)}
        />
      )}
      {renamed && (
        <NameDialog
          title={text.renameOf(renamed.name)}
          name={renamed.name}
          submit={text.save}
          onSubmit={async (name) => {
            if (name !== renamed.name) await changes.rename(renamed, name);
            setRenamed(undefined);
          }}
          onClose={() => setRenamed(undefined)}
        />
      )}
    </Stack>
  );
}
