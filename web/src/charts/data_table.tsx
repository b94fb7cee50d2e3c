import { Table } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef } from 'react';
import { figure } from '../app/formats.ts';
import type { ChartData, XKind } from './chart_data.ts';
import { mainOf } from './chart_data.ts';
import classes from './line_chart.module.css';
import { xText } from './x_formats.ts';

const rowHeight = 28;

/** The data of a chart, a row for each x; rows out of sight are not made. */
export function DataTable(props: {
  readonly data: ChartData;
  readonly xKind: XKind;
  readonly xLabel: string;
  readonly label: string;
  readonly only: ReadonlySet<string> | undefined;
}) {
  const { data, xKind, only } = props;
  const box = useRef<HTMLElement>(null);
  const rows = useVirtualizer({
    count: data.x.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    overscan: 10,
  });
  const lines = data.lines.filter(({ id }) => only === undefined || only.has(id));
  const shown = rows.getVirtualItems();
  const before = shown[0]?.start ?? 0;
  const after = rows.getTotalSize() - (shown.at(-1)?.end ?? 0);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls.
    <section ref={box} className={classes.table} aria-label={props.label} tabIndex={0}>
      <Table fz="sm" verticalSpacing={2} stickyHeader>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{props.xLabel}</Table.Th>
            {lines.map((line) => (
              <Table.Th key={line.id} ta="right">
                {line.name}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {before > 0 && <Table.Tr h={before} aria-hidden />}
          {shown.map(({ index }) => (
            <Table.Tr key={index} h={rowHeight} className="figures">
              <Table.Th scope="row" fw={400}>
                {xText(xKind, data.x[index] as number)}
              </Table.Th>
              {lines.map((line) => {
                const value = mainOf(line)[index];
                return (
                  <Table.Td key={line.id} ta="right">
                    {value === null || value === undefined ? '' : figure(value)}
                  </Table.Td>
                );
              })}
            </Table.Tr>
          ))}
          {after > 0 && <Table.Tr h={after} aria-hidden />}
        </Table.Tbody>
      </Table>
    </section>
  );
}
