import { Button, Stack, Table, Text } from '@mantine/core';
import { useState } from 'react';
import { WideTable } from '../app/wide_table.tsx';
import classes from './calibration_plot.module.css';
import type { OutcomeModel } from './queries.ts';
import { text } from './text.ts';

/** What was promised against what held: on the dashed line, promises are kept. */
export function CalibrationPlot({ points }: { readonly points: OutcomeModel['calibration'] }) {
  const [isTable, setTable] = useState(false);
  const path = points.map(({ expected, observed }) => `${expected * 100},${100 - observed * 100}`).join(' ');
  return (
    <Stack gap="xs" align="flex-start">
      {isTable ? (
        <WideTable label={text.calibration} minWidth={220}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{text.promised}</Table.Th>
              <Table.Th>{text.held}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {points.map(({ expected, observed }) => (
              <Table.Tr key={expected}>
                <Table.Td className="figures">{text.share(expected)}</Table.Td>
                <Table.Td className="figures">{text.share(observed)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </WideTable>
      ) : (
        <svg className={classes.plot} viewBox="-2 -2 104 104" role="img" aria-label={text.calibration}>
          <rect className={classes.frame} width="100" height="100" />
          <line className={classes.ideal} x1="0" y1="100" x2="100" y2="0" />
          <polyline className={classes.line} points={path} />
          {points.map(({ expected, observed }) => (
            <circle key={expected} className={classes.point} cx={expected * 100} cy={100 - observed * 100} r="1.6">
              <title>{`${text.promised} ${text.share(expected)}, ${text.held} ${text.share(observed)}`}</title>
            </circle>
          ))}
        </svg>
      )}
      <Text size="xs" c="dimmed">
        {text.calibrationAxes}
      </Text>
      <Button size="compact-sm" variant="default" onClick={() => setTable(!isTable)}>
        {isTable ? text.asChart : text.asTable}
      </Button>
    </Stack>
  );
}
