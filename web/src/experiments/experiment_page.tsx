import { Stack } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { PageHead } from '../app/page_head.tsx';
import { Loading } from '../app/states.tsx';

const ChartsTab = lazy(() => import('../charts/charts_tab.tsx').then(({ ChartsTab }) => ({ default: ChartsTab })));

const route = getRouteApi('/signed-in/t/$tenant/experiments/$experimentId');

export function ExperimentPage() {
  const { tenant, experimentId } = route.useParams();
  const { tab } = route.useSearch();
  return (
    <Stack>
      <PageHead title="Experiment" />
      {tab === 'charts' && (
        <Suspense fallback={<Loading />}>
          <ChartsTab tenant={tenant} experimentId={experimentId} />
        </Suspense>
      )}
    </Stack>
  );
}
