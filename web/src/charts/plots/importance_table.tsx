import { Progress, Table, Text } from '@mantine/core';
import { figure } from '../../app/formats.ts';
import { ScrollBox } from '../../app/scroll_box.tsx';
import { Problem } from '../../app/states.tsx';
import classes from '../line_chart.module.css';
import { text } from '../text.ts';
import { useImportance } from './plot_queries.ts';

/** How closely params go together with a metric, and how that was found. */
export function ImportanceTable(props: {
  readonly experimentId: number;
  readonly filter: string;
  readonly metric: string;
}) {
  const { data, error, refetch } = useImportance(props.experimentId, props.filter, props.metric);
  if (error) return <Problem error={error} onRetry={() => void refetch()} />;
  if (!data) return null;
  return (
    <ScrollBox className={classes.legend} label={text.importance(props.metric)}>
      <Text size="sm" fw={600}>
        {text.importance(props.metric)}
      </Text>
      <Text size="xs" c="dimmed">
        {text.importanceHow(data.runs)}
      </Text>
      <Table fz="sm" verticalSpacing={2}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{text.param}</Table.Th>
            <Table.Th>{text.importanceHead}</Table.Th>
            <Table.Th ta="right">{text.correlation}</Table.Th>
            <Table.Th ta="right">n</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {data.params.map(({ key, importance, correlation, n, method }) => (
            <Table.Tr key={key} className="figures">
              <Table.Th scope="row" fw={400} className={classes.name}>
                {key}
              </Table.Th>
              <Table.Td miw={110}>
                {importance === null ? (
                  text.noImportance
                ) : (
                  <>
                    <Progress value={importance * 100} size="sm" aria-label={`${key}: ${figure(importance)}`} />
                    <Text size="xs" c="dimmed">
                      {figure(Number(importance.toFixed(3)))} {method && text.methods[method]}
                    </Text>
                  </>
                )}
              </Table.Td>
              <Table.Td ta="right">{correlation === null ? '–' : figure(Number(correlation.toFixed(3)))}</Table.Td>
              <Table.Td ta="right">{n}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </ScrollBox>
  );
}
