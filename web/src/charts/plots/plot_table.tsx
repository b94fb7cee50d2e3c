import { Table, Text } from '@mantine/core';
import { figure } from '../../app/formats.ts';
import { ScrollBox } from '../../app/scroll_box.tsx';
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
    <ScrollBox className={classes.plotTable} label={props.label}>
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
      {props.runs.length > rowsShown && <Text size="sm">{text.rowsLeft(props.runs.length - rowsShown)}</Text>}
    </ScrollBox>
  );
}
