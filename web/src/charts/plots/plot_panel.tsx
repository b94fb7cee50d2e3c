import { ActionIcon, Group, Menu, Paper, Select, Stack, Text, useComputedColorScheme } from '@mantine/core';
import { ChartScatter, Download, Table2 } from 'lucide-react';
import { useMemo, useRef, useState } from 'react';
import { saveBlob } from '../../app/save.ts';
import { Loading, Problem } from '../../app/states.tsx';
import { tokensAt } from '../canvas_tokens.ts';
import { savePng } from '../png.ts';
import type { PlotKind } from '../search.ts';
import { text } from '../text.ts';
import { useChartsSearch } from '../use_search.ts';
import { ImportanceTable } from './importance_table.tsx';
import { PlotCanvas } from './plot_canvas.tsx';
import type { Plot } from './plot_options.ts';
import { useImportance, usePlotRuns } from './plot_queries.ts';
import { csvOfPlot, type Field, nameOf, type PlotRun, runsWith } from './plot_rows.ts';
import { PlotTable } from './plot_table.tsx';
import { svgOfPlot } from './save_plot.ts';

const axesAtFirst = 6;

/** The fields of runs: metrics, those in which runs differ first, and params in which they do. */
function fieldsOf(runs: readonly PlotRun[]): { readonly metrics: Field[]; readonly params: Field[] } {
  const metrics = [...new Set(runs.flatMap(({ metrics }) => Object.keys(metrics)))].sort();
  const params = [...new Set(runs.flatMap(({ params }) => Object.keys(params)))].sort();
  const differs = (key: string) => new Set(runs.map((run) => run.params[key])).size > 1;
  const isSame = (key: string) => Number(new Set(runs.map((run) => run.metrics[key])).size <= 1);
  metrics.sort((a, b) => isSame(a) - isSame(b));
  return { metrics: metrics.map((key) => `m:${key}`), params: params.filter(differs).map((key) => `p:${key}`) };
}

function SavePlot({ plot, title }: { readonly plot: Plot; readonly title: string }) {
  const scheme = useComputedColorScheme('light');
  const button = useRef<HTMLButtonElement>(null);
  const svg = () => svgOfPlot(plot, { scheme, tokens: tokensAt(button.current ?? document.body) });
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon ref={button} variant="subtle" aria-label={text.exports(title)} title={text.exports(title)}>
          <Download size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => savePng(title, svg())}>{text.png}</Menu.Item>
        <Menu.Item onClick={() => saveBlob(`${title}.svg`, new Blob([svg()], { type: 'image/svg+xml' }))}>
          {text.svg}
        </Menu.Item>
        <Menu.Item
          onClick={() => saveBlob(`${title}.csv`, new Blob([csvOfPlot(plot.runs, plot.fields)], { type: 'text/csv' }))}
        >
          {text.csv}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

/** A plot over the runs of an experiment: what their params and last metrics have to do with each other. */
export function PlotPanel(props: { readonly kind: PlotKind; readonly experimentId: number; readonly filter: string }) {
  const { kind, experimentId, filter } = props;
  const [search, change] = useChartsSearch();
  const [isTable, setIsTable] = useState(false);
  const { data, error, refetch } = usePlotRuns(experimentId, filter);
  const known = useMemo(() => fieldsOf(data?.runs ?? []), [data]);
  const all = [...known.metrics, ...known.params];
  const has = (field: string | undefined, fallback: Field | undefined) =>
    field !== undefined && all.includes(field) ? field : fallback;
  const isParallel = kind === 'parallel';
  const metric = has(
    isParallel ? search.pz : search.py,
    known.metrics.find((field) => !field.startsWith('m:system/')),
  );
  const x = has(search.px, known.params[0] ?? known.metrics[0]);
  const y = kind === 'contour' ? has(search.py, known.params[1] ?? known.metrics[0]) : metric;
  const z = has(search.pz, kind === 'contour' ? known.metrics[0] : undefined);
  const importance = useImportance(experimentId, filter, isParallel && metric ? nameOf(metric) : undefined).data;
  const plot = useMemo((): Plot | undefined => {
    if (!data || !metric || !x || !y) return undefined;
    const chosen: readonly (Field | undefined)[] = isParallel
      ? [
          ...(importance?.params ?? [])
            .map(({ key }) => `p:${key}`)
            .filter((field) => known.params.includes(field))
            .slice(0, axesAtFirst),
          metric,
        ]
      : kind === 'box' || kind === 'bar'
        ? [x, y]
        : [x, y, z];
    const fields = chosen.filter((field) => field !== undefined);
    return { kind, fields, runs: isParallel ? data.runs : runsWith(data.runs, fields) };
  }, [data, metric, x, y, z, isParallel, kind, importance, known]);
  if (error) return <Problem error={error} onRetry={() => void refetch()} />;
  if (!data) return <Loading />;
  if (!plot) return <Text size="sm">{text.noPlot}</Text>;
  const title = text.plotTitle(kind, plot.fields.map(nameOf));
  const field = (name: 'px' | 'py' | 'pz', label: string, value: Field | undefined, data: readonly Field[] = all) => (
    <Select
      size="xs"
      w={170}
      label={label}
      searchable
      limit={200}
      clearable={name === 'pz' && kind === 'scatter'}
      data={data.map((each) => ({ value: each, label: nameOf(each) }))}
      value={value ?? null}
      onChange={(next) => change({ [name]: next ?? undefined })}
    />
  );
  return (
    <Paper withBorder p="xs" component="figure" m={0} aria-label={title}>
      <Stack gap="xs">
        <Group justify="space-between" align="end">
          <Group gap="xs">
            {isParallel && field('pz', text.metric, metric, known.metrics)}
            {!isParallel && field('px', text.axis.x, x)}
            {!isParallel && field('py', text.axis.y, y, kind === 'box' || kind === 'bar' ? known.metrics : all)}
            {(kind === 'scatter' || kind === 'contour') && field('pz', text.axis.z[kind], z, known.metrics)}
          </Group>
          <Group gap={2}>
            <Text size="xs" c="dimmed">
              {text.plotRuns(plot.runs.length, data.hasMore)}
            </Text>
            <ActionIcon
              variant="subtle"
              aria-label={isTable ? text.asChart : text.asTable}
              title={isTable ? text.asChart : text.asTable}
              onClick={() => setIsTable(!isTable)}
            >
              {isTable ? <ChartScatter size={16} /> : <Table2 size={16} />}
            </ActionIcon>
            <SavePlot plot={plot} title={title} />
          </Group>
        </Group>
        {isTable ? (
          <PlotTable runs={plot.runs} fields={plot.fields} label={title} />
        ) : (
          <PlotCanvas plot={plot} label={title} />
        )}
        {isParallel && metric && (
          <ImportanceTable experimentId={experimentId} filter={filter} metric={nameOf(metric)} />
        )}
      </Stack>
    </Paper>
  );
}
