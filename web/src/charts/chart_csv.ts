import { csvField } from '../runs_table/csv_field.ts';
import { type ChartData, type ChartLine, type Column, mainOf } from './chart_data.ts';

/** Rows of RFC 4180. */
export const csvOf = (rows: readonly (readonly (string | number | null | undefined)[])[]): string =>
  rows.map((row) => `${row.map(csvField).join(',')}\r\n`).join('');

const columnsOf = (line: ChartLine): readonly (readonly [string, Column])[] => {
  const rest: (readonly [string, Column | undefined])[] = [
    ['raw', line.smooth && line.y],
    ['min', line.low ?? line.spread?.low],
    ['max', line.high ?? line.spread?.high],
  ];
  return [
    [line.name, mainOf(line)],
    ...rest.flatMap(([name, column]) => (column ? [[`${line.name} (${name})`, column] as const] : [])),
  ];
};

/** The data of a chart's lines, or of those that are shown alone: a row for each x; of each line its value, and what it hides. */
export function csvOfLines(data: ChartData, xLabel: string, only?: ReadonlySet<string>): string {
  const columns = data.lines.filter(({ id }) => only === undefined || only.has(id)).flatMap(columnsOf);
  const rows = data.x
    .map((x, index) => [x, ...columns.map(([, column]) => column[index])])
    .filter(([, ...values]) => only === undefined || values.some((value) => value !== null && value !== undefined));
  return csvOf([[xLabel, ...columns.map(([name]) => name)], ...rows]);
}
