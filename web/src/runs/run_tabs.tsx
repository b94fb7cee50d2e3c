import { Tabs } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { getRouteApi } from '@tanstack/react-router';
import { type ComponentType, lazy, Suspense } from 'react';
import { Loading } from '../app/states.tsx';
import { useRouteSearch } from '../app/use_page_search.ts';
import { Overview } from './overview.tsx';
import type { Run } from './queries.ts';
import { type RunTab, runTabs } from './routes.ts';
import { text } from './text.ts';

const route = getRouteApi('/signed-in/t/$tenant/runs/$runId');

const RunCharts = lazy(() => import('../charts/run_charts.tsx').then(({ RunCharts }) => ({ default: RunCharts })));

const panels: Record<RunTab, ComponentType<{ readonly run: Run }>> = {
  overview: Overview,
  charts: ({ run }) => <RunCharts runId={run.run_id} />,
  system: lazy(() => import('./system_metrics.tsx').then(({ SystemMetrics }) => ({ default: SystemMetrics }))),
  files: lazy(() => import('./run_files.tsx').then(({ RunFiles }) => ({ default: RunFiles }))),
  models: lazy(() => import('./run_models.tsx').then(({ RunModels }) => ({ default: RunModels }))),
  logs: lazy(() => import('./run_logs.tsx').then(({ RunLogs }) => ({ default: RunLogs }))),
};

/** The parts of a run's page, one at a time; which one is in the address. */
export function RunTabs({ run }: { readonly run: Run }) {
  const [{ tab = 'overview' }, change] = useRouteSearch(route);
  const open = (next: RunTab) => change({ tab: next === 'overview' ? undefined : next });
  useHotkeys(runTabs.map((name, at) => [String(at + 1), () => open(name)]));
  return (
    <Tabs value={tab} onChange={(next) => open(next as RunTab)} keepMounted={false}>
      <Tabs.List mb="md" aria-label={text.tabsLabel}>
        {runTabs.map((name, at) => (
          <Tabs.Tab key={name} value={name} aria-keyshortcuts={String(at + 1)}>
            {text.tabs[name]}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {runTabs.map((name) => {
        const Panel = panels[name];
        return (
          <Tabs.Panel key={name} value={name}>
            <Suspense fallback={<Loading />}>
              <Panel run={run} />
            </Suspense>
          </Tabs.Panel>
        );
      })}
    </Tabs>
  );
}
