import { MaestroError } from '@maestro/sdk/problem';
import { Alert, Anchor, Breadcrumbs, Button, Stack, Tabs } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { useMay } from '../api/rights.ts';
import { AnchorLink } from '../app/links.tsx';
import { PageHead } from '../app/page_head.tsx';
import { isMissing } from '../app/refusals.ts';
import { shownName } from '../app/shown_name.ts';
import { Loading, NotFound, Problem } from '../app/states.tsx';
import { useRouteSearch } from '../app/use_page_search.ts';
import { type ExperimentTab, experimentTabs } from '../runs_table/search.ts';
import { useExperimentChanges } from './changes.ts';
import { useExperiment } from './queries.ts';
import { text } from './text.ts';

const RunsTab = lazy(() => import('../runs_table/runs_tab.tsx').then(({ RunsTab }) => ({ default: RunsTab })));
const ChartsTab = lazy(() => import('../charts/charts_tab.tsx').then(({ ChartsTab }) => ({ default: ChartsTab })));
const DetailsTab = lazy(() => import('./details_tab.tsx').then(({ DetailsTab }) => ({ default: DetailsTab })));

const route = getRouteApi('/signed-in/t/$tenant/experiments/$experimentId');

/** An experiment: its runs as a table and as charts, and what is noted of it. */
export function ExperimentPage() {
  const { tenant, experimentId } = route.useParams();
  const [{ tab = 'runs' }, change] = useRouteSearch(route);
  const { data: experiment, error, refetch } = useExperiment(Number(experimentId));
  const changes = useExperimentChanges();
  const may = useMay();
  const mayDelete = may('experiment:delete');
  if (error instanceof MaestroError && error.status === 404) return <NotFound />;
  if (isMissing(error)) return <NotFound />;
  if (error) return <Problem error={error} onRetry={() => void refetch()} />;
  if (!experiment) return <Loading />;
  const show = (next: string | null) => change({ tab: next === 'runs' ? undefined : (next as ExperimentTab) });
  return (
    <Stack gap="xs">
      <PageHead title={shownName(experiment.name, experiment.experiment_id)}>
        <Breadcrumbs separator="/">
          <AnchorLink to="/t/$tenant/experiments" params={{ tenant }} size="sm">
            {text.title}
          </AnchorLink>
          <Anchor component="span" size="sm" c="dimmed" underline="never">
            {experiment.experiment_id}
          </Anchor>
        </Breadcrumbs>
      </PageHead>
      {experiment.lifecycle_stage === 'deleted' && (
        <Alert color="yellow" title={text.deleted}>
          {text.isDeleted}{' '}
          {mayDelete && (
            <Button size="compact-xs" variant="default" onClick={() => void changes.restore(experiment)}>
              {text.restore}
            </Button>
          )}
        </Alert>
      )}
      <Tabs value={tab} onChange={show} keepMounted={false}>
        <Tabs.List mb="xs">
          {experimentTabs.map((each) => (
            <Tabs.Tab key={each} value={each}>
              {text.tabs[each]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Suspense fallback={<Loading />}>
          <Tabs.Panel value="runs">
            {/* Rows that stay while nothing is answered, and what is selected, are of one experiment. */}
            <RunsTab key={`${tenant}/${experimentId}`} experiment={experiment.name} />
          </Tabs.Panel>
          <Tabs.Panel value="charts">
            <ChartsTab tenant={tenant} experimentId={experimentId} />
          </Tabs.Panel>
          <Tabs.Panel value="details">
            <DetailsTab experiment={experiment} />
          </Tabs.Panel>
        </Suspense>
      </Tabs>
    </Stack>
  );
}
