import { useMemo } from 'react';
import { figure } from '../app/formats.ts';
import { VirtualTable } from '../app/virtual_table.tsx';
import { type ChartData, mainOf, type XKind } from './chart_data.ts';
import classes from './line_chart.module.css';
import { xText } from './x_formats.ts';

/** Wide enough for the name of a line, or for any figure. */
const widthFor = (name: string): number => Math.min(360, Math.max(124, name.length * 8 + 20));

/** The data of a chart, a row for each x. */
export function DataTable(props: {
  readonly data: ChartData;
  readonly xKind: XKind;
  readonly xLabel: string;
  readonly label: string;
  readonly only: ReadonlySet<string> | undefined;
}) {
  const { data, xKind, xLabel, only } = props;
  const lines = useMemo(() => data.lines.filter(({ id }) => only === undefined || only.has(id)), [data.lines, only]);
  const columns = useMemo(
    () => [
      { key: '', title: xLabel, width: xKind === 'time' ? 200 : widthFor(xLabel) },
      ...lines.map(({ id, name }) => ({ key: id, title: name, width: widthFor(name), align: 'end' as const })),
    ],
    [lines, xKind, xLabel],
  );
  return (
    <div className={classes.table}>
      <VirtualTable
        label={props.label}
        columns={columns}
        rowCount={data.x.length}
        rowHeight={28}
        isLandmark
        cell={(row, column) => {
          const line = lines[column - 1];
          if (line === undefined) return xText(xKind, data.x[row] as number);
          const value = mainOf(line)[row];
          return value === null || value === undefined ? '' : figure(value);
        }}
      />
    </div>
  );
}
