import { Table, Text } from '@mantine/core';
import { count, figure } from '../../app/formats.ts';
import classes from '../line_chart.module.css';
import { text } from '../text.ts';
import { type Field, nameOf, type PlotRun, shownOf } from './plot_rows.ts';

const rowsShown = 200;

/** The data of a plot; the file of it holds all rows. */
export function PlotTable(props: {
  readonly runs: readonly PlotRun[];
  readonly fields: readonly Field[];
  readonly label: string;
}) {
  const fields = [...new Set(props.fields)];
  const runs = props.runs.slice(0, rowsShown);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls.
    <section className={classes.plotTable} aria-label={props.label} tabIndex={0}>
      <Table fz="sm" verticalSpacing={2} stickyHeader>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{text.run}</Table.Th>
            {fields.map((field) => (
              <Table.Th key={field}>{nameOf(field)}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {runs.map((run) => (
            <Table.Tr key={run.id} className="figures">
              <Table.Th scope="row" fw={400} className={classes.name}>
                {run.name}
              </Table.Th>
              {fields.map((field) => {
                const value = shownOf(run, field);
                return <Table.Td key={field}>{typeof value === 'number' ? figure(value) : value}</Table.Td>;
              })}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {props.runs.length > rowsShown && <Text size="sm">{text.rowsLeft(count(props.runs.length - rowsShown))}</Text>}
    </section>
  );
}
