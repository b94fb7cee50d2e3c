import { Stack, Tabs } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { GitCompareArrows } from 'lucide-react';
import { lazy, Suspense } from 'react';
import { Empty } from '../app/empty.tsx';
import { PageHead } from '../app/page_head.tsx';
import { Loading, Problem } from '../app/states.tsx';
import { type ComparedPart, comparedParts } from '../runs/routes.ts';
import { CompareTools } from './compare_tools.tsx';
import { ComparedKeys } from './compared_keys.tsx';
import { useRunInfos } from './queries.ts';
import { text } from './text.ts';
import { useCompared, useComparison } from './use_compared.ts';

const Environment = lazy(() => import('./environment.tsx').then(({ Environment }) => ({ default: Environment })));
const ComparedCharts = lazy(() =>
  import('../charts/compared_charts.tsx').then(({ ComparedCharts }) => ({ default: ComparedCharts })),
);

export function ComparePage() {
  const [{ part = 'metrics' }, change] = useComparison();
  const { runIds, leaveOut, error, isLoading } = useCompared();
  const infos = useRunInfos(runIds);
  const open = (next: ComparedPart) => change({ part: next });
  useHotkeys(comparedParts.map((name, at) => [String(at + 1), () => open(name)]));
  const problem = error ?? infos.error;
  if (problem) {
    return (
      <Stack>
        <PageHead title={text.title} />
        <Problem error={problem} onRetry={() => void infos.refetch()} />
      </Stack>
    );
  }
  if (isLoading || infos.isLoading) return <Loading />;
  const runs = infos.data ?? [];
  if (runIds.length === 0) {
    return (
      <Stack>
        <PageHead title={text.title} />
        <Empty Icon={GitCompareArrows} title={text.none}>
          {text.noneLead}
        </Empty>
      </Stack>
    );
  }
  return (
    <Stack>
      <PageHead title={text.runs(runs.length)} />
      <Tabs value={part} onChange={(next) => open(next as ComparedPart)} keepMounted={false}>
        <Tabs.List mb="md" aria-label={text.partsLabel}>
          {comparedParts.map((name, at) => (
            <Tabs.Tab key={name} value={name} aria-keyshortcuts={String(at + 1)}>
              {text.parts[name]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {comparedParts.map((name) => (
          <Tabs.Panel key={name} value={name}>
            <Suspense fallback={<Loading />}>
              {name === 'environment' && <Environment runs={runs} />}
              {name === 'charts' && <ComparedCharts runIds={runIds} />}
              {name !== 'environment' && name !== 'charts' && (
                <Stack gap="sm">
                  <CompareTools runs={runs} withSearch={name !== 'code'} />
                  <ComparedKeys runs={runs} part={name} onLeaveOut={leaveOut} />
                </Stack>
              )}
            </Suspense>
          </Tabs.Panel>
        ))}
      </Tabs>
    </Stack>
  );
}
