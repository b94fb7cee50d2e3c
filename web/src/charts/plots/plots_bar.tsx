import { SegmentedControl, Stack } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { Loading } from '../../app/states.tsx';
import { plotKinds } from '../search.ts';
import { text } from '../text.ts';
import { useChartsSearch } from '../use_search.ts';

const PlotPanel = lazy(() => import('./plot_panel.tsx').then(({ PlotPanel }) => ({ default: PlotPanel })));

/** Chooses a plot over all runs beside the charts of metrics; what draws it is loaded with the first one. */
export function PlotsBar(props: { readonly experimentId: number; readonly filter: string }) {
  const [{ plot }, change] = useChartsSearch();
  return (
    <Stack gap="xs">
      <SegmentedControl
        size="xs"
        aria-label={text.plots}
        data={[
          { value: '', label: text.plotKinds.none },
          ...plotKinds.map((value) => ({ value, label: text.plotKinds[value] })),
        ]}
        value={plot ?? ''}
        onChange={(kind) => change({ plot: kind || undefined, px: undefined, py: undefined, pz: undefined })}
        style={{ alignSelf: 'flex-start', maxWidth: '100%', overflowX: 'auto' }}
      />
      {plot && (
        <Suspense fallback={<Loading />}>
          <PlotPanel kind={plot} {...props} />
        </Suspense>
      )}
    </Stack>
  );
}
