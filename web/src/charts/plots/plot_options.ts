import type { EChartsCoreOption } from 'echarts/core';
import { figure } from '../../app/formats.ts';
import { lineColours, scaleColours } from '../../app/theme.ts';
import type { Look } from '../look.ts';
import type { PlotKind } from '../search.ts';
import { text } from '../text.ts';
import { tick } from '../x_formats.ts';
import {
  binned,
  type Field,
  fiveNumbers,
  groupsBy,
  nameOf,
  type PlotRun,
  placeOn,
  runsWith,
  type Scale,
  scaleOf,
} from './plot_rows.ts';

export interface Plot {
  readonly kind: PlotKind;
  readonly runs: readonly PlotRun[];
  /** The axes: of parallel coordinates all, else x, y and what is shown by colour or in cells. */
  readonly fields: readonly Field[];
}

const plain = { animation: false } as const;

function axisOf(scale: Scale, { tokens }: Look) {
  return {
    type: scale.isNumeric ? 'value' : 'category',
    ...(scale.isNumeric ? { scale: true } : { data: [...scale.categories] }),
    name: nameOf(scale.field),
    nameLocation: 'middle',
    nameGap: 28,
    nameTextStyle: { color: tokens.text },
    axisLine: { lineStyle: { color: tokens.grid } },
    axisLabel: {
      color: tokens.text,
      formatter: (value: number | string) => (typeof value === 'number' ? tick(value) : value),
    },
    splitLine: { lineStyle: { color: tokens.grid } },
  };
}

const tooltip = ({ tokens }: Look, formatter: (data: never) => string) => ({
  renderMode: 'richText',
  backgroundColor: tokens.background,
  borderColor: tokens.grid,
  textStyle: { color: tokens.text },
  formatter: (item: { data: unknown }) => formatter(item.data as never),
});

const visualMap = (values: readonly number[], dimension: number, { scheme, tokens }: Look) => ({
  min: Math.min(...values),
  max: Math.max(...values),
  text: [tick(Math.max(...values)), tick(Math.min(...values))],
  dimension,
  calculable: false,
  orient: 'vertical',
  right: 0,
  top: 'middle',
  itemHeight: 120,
  textStyle: { color: tokens.text },
  formatter: (value: number) => tick(value),
  inRange: { color: [...scaleColours[scheme]] },
});

const grid = { left: 70, right: 90, top: 24, bottom: 48 };

function parallel({ runs, fields }: Plot, look: Look): EChartsCoreOption {
  const own = runsWith(runs, fields.slice(-1));
  const scales = fields.map((field) => scaleOf(own, field));
  const last = fields.length - 1;
  const rows = own.map((run) => scales.map((scale) => placeOn(scale, run) ?? '-'));
  const { tokens } = look;
  return {
    ...plain,
    parallel: { left: 40, right: 100, top: 40, bottom: 24 },
    parallelAxis: scales.map((scale, dim) => ({
      ...axisOf(scale, look),
      dim,
      nameLocation: 'end',
      nameGap: 12,
      splitLine: undefined,
    })),
    visualMap: visualMap(
      rows.map((row) => Number(row[last])),
      last,
      look,
    ),
    tooltip: tooltip(look, (row: readonly (number | string)[]) =>
      fields.map((field, index) => `${nameOf(field)}: ${row[index]}`).join('\n'),
    ),
    textStyle: { color: tokens.text },
    series: [
      {
        type: 'parallel',
        lineStyle: { width: 1.5, opacity: runs.length > 300 ? 0.25 : 0.6 },
        data: rows,
        progressive: 500,
      },
    ],
  };
}

function scatter({ runs, fields: [x = '', y = '', z] }: Plot, look: Look): EChartsCoreOption {
  const own = runsWith(runs, z === undefined ? [x, y] : [x, y, z]);
  const [across, up] = [scaleOf(own, x), scaleOf(own, y)];
  const shade = z === undefined ? undefined : scaleOf(own, z);
  const data = own.map((run) => [placeOn(across, run), placeOn(up, run), shade ? placeOn(shade, run) : 0, run.name]);
  return {
    ...plain,
    grid,
    xAxis: axisOf(across, look),
    yAxis: { ...axisOf(up, look), nameGap: 50 },
    tooltip: tooltip(look, (row: readonly (number | string)[]) =>
      [row[3], `${nameOf(x)}: ${row[0]}`, `${nameOf(y)}: ${row[1]}`, ...(z ? [`${nameOf(z)}: ${row[2]}`] : [])].join(
        '\n',
      ),
    ),
    ...(shade?.isNumeric && data.length > 0
      ? {
          visualMap: visualMap(
            data.map((row) => Number(row[2])),
            2,
            look,
          ),
        }
      : {}),
    series: [
      { type: 'scatter', symbolSize: 8, itemStyle: { color: lineColours[look.scheme][0], opacity: 0.75 }, data },
    ],
  };
}

function contour({ runs, fields: [x = '', y = '', z = y] }: Plot, look: Look): EChartsCoreOption {
  const { x: columns, y: rows, cells } = binned(runs, scaleOf(runs, x), scaleOf(runs, y), z);
  const axis = (field: Field, labels: readonly string[]) =>
    axisOf({ field, isNumeric: false, categories: labels }, look);
  return {
    ...plain,
    grid,
    xAxis: axis(x, columns),
    yAxis: { ...axis(y, rows), nameGap: 50 },
    tooltip: tooltip(look, ([column, row, mean, n]: readonly [number, number, number, number]) =>
      [`${nameOf(x)}: ${columns[column]}`, `${nameOf(y)}: ${rows[row]}`, text.meanOf(nameOf(z), figure(mean), n)].join(
        '\n',
      ),
    ),
    visualMap: visualMap(
      cells.map(({ mean }) => mean),
      2,
      look,
    ),
    series: [{ type: 'heatmap', data: cells.map((cell) => [cell.x, cell.y, cell.mean, cell.n]) }],
  };
}

function byGroup({ kind, runs, fields: [x = '', y = ''] }: Plot, look: Look): EChartsCoreOption {
  const groups = groupsBy(runs, scaleOf(runs, x), y);
  const labels = groups.map(({ category, values }) => text.groupOf(category, values.length));
  const up = axisOf({ field: y, isNumeric: true, categories: [] }, look);
  const name = kind === 'bar' ? text.mean(nameOf(y)) : nameOf(y);
  const colour = lineColours[look.scheme][0];
  const boxes = groups.map(({ values }) => fiveNumbers(values));
  const means = groups.map(({ values }) => values.reduce((sum, value) => sum + value, 0) / values.length);
  const series =
    kind === 'box'
      ? { type: 'boxplot', itemStyle: { color: 'transparent', borderColor: colour, borderWidth: 1.5 }, data: boxes }
      : { type: 'bar', itemStyle: { color: colour }, barMaxWidth: 48, data: means };
  return {
    ...plain,
    grid: { ...grid, right: 24 },
    xAxis: axisOf({ field: x, isNumeric: false, categories: labels }, look),
    yAxis: { ...up, name, nameGap: 50, scale: kind === 'box' },
    tooltip: {
      ...tooltip(look, () => ''),
      formatter: ({ dataIndex }: { dataIndex: number }) =>
        kind === 'box'
          ? text.boxOf(labels[dataIndex] ?? '', (boxes[dataIndex] ?? []).map(figure))
          : `${nameOf(x)}: ${groups[dataIndex]?.category}\n${text.meanOf(nameOf(y), figure(means[dataIndex] ?? Number.NaN), groups[dataIndex]?.values.length ?? 0)}`,
    },
    series: [series],
  };
}

/** What ECharts draws of a plot. Its tooltips are painted, so that names of runs stay texts. */
export function optionOf(plot: Plot, look: Look): EChartsCoreOption {
  switch (plot.kind) {
    case 'parallel':
      return parallel(plot, look);
    case 'scatter':
      return scatter(plot, look);
    case 'contour':
      return contour(plot, look);
    case 'box':
    case 'bar':
      return byGroup(plot, look);
  }
}
