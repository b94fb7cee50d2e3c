import { Group, Table, Text, UnstyledButton } from '@mantine/core';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { memo, useCallback, useState } from 'react';
import { figure } from '../app/formats.ts';
import { locale } from '../app/locale.ts';
import { ScrollBox } from '../app/scroll_box.tsx';
import classes from './line_chart.module.css';
import type { LineStyle } from './line_style.ts';
import { Swatch } from './swatch.tsx';
import { text } from './text.ts';

export interface LegendLine {
  readonly id: string;
  readonly name: string;
  readonly params?: Readonly<Record<string, string>>;
}

export interface LegendProps {
  readonly lines: readonly LegendLine[];
  readonly styles: ReadonlyMap<string, LineStyle>;
  /** The names of the params that have a column. */
  readonly columns?: readonly string[] | undefined;
  /** The values at the cursor, and what they are of. */
  readonly values?: ReadonlyMap<string, number | null> | undefined;
  readonly valueLabel?: string | undefined;
  readonly only?: ReadonlySet<string> | undefined;
  /** What it is the legend of, where there are several. */
  readonly of?: string;
  readonly onOnly: (to: (only: ReadonlySet<string> | undefined) => ReadonlySet<string> | undefined) => void;
  readonly focused?: string | null;
}

/** The next choice of shown lines: a click shows one alone, or all again; with Ctrl or Shift it adds or takes one. */
function chosen(only: ReadonlySet<string> | undefined, id: string, adds: boolean): ReadonlySet<string> | undefined {
  if (!adds || only === undefined) return only?.size === 1 && only.has(id) ? undefined : new Set([id]);
  const next = new Set(only);
  if (!next.delete(id)) next.add(id);
  return next.size === 0 ? undefined : next;
}

const Row = memo(function Row(props: {
  readonly line: LegendLine;
  readonly style: LineStyle | undefined;
  readonly columns: readonly string[];
  readonly value: number | null | undefined;
  readonly isShown: boolean;
  readonly isAlone: boolean;
  readonly isFocused: boolean;
  readonly onChoose: (id: string, adds: boolean) => void;
}) {
  const { line, value } = props;
  return (
    <Table.Tr className={props.isShown ? classes.row : classes.hidden} data-focused={props.isFocused || undefined}>
      <Table.Th scope="row" fw={props.isAlone ? 700 : 400}>
        <UnstyledButton
          fz="sm"
          fw="inherit"
          aria-pressed={props.isAlone}
          title={text.isolate}
          onClick={(event) => props.onChoose(line.id, event.ctrlKey || event.metaKey || event.shiftKey)}
        >
          <Group gap="xs" wrap="nowrap">
            <Swatch style={props.style} />
            <span className={classes.name}>{line.name}</span>
          </Group>
        </UnstyledButton>
      </Table.Th>
      {props.columns.map((column) => (
        <Table.Td key={column}>{line.params?.[column] ?? '–'}</Table.Td>
      ))}
      <Table.Td className="figures" ta="right">
        {value === null || value === undefined ? '–' : figure(value)}
      </Table.Td>
    </Table.Tr>
  );
});

type Sort = { readonly by: string; readonly descending: boolean };

const asNumber = (value: string | undefined): number => (value === undefined ? Number.NaN : Number(value));

function sorted(props: LegendProps, sort: Sort | undefined): readonly LegendLine[] {
  if (sort === undefined) return props.lines;
  const sign = sort.descending ? -1 : 1;
  const compare = (a: LegendLine, b: LegendLine): number => {
    if (sort.by === 'name') return a.name.localeCompare(b.name, locale, { numeric: true });
    if (sort.by === 'value') return (props.values?.get(a.id) ?? 0) - (props.values?.get(b.id) ?? 0);
    const [left, right] = [a.params?.[sort.by.slice(2)], b.params?.[sort.by.slice(2)]];
    const distance = asNumber(left) - asNumber(right);
    return Number.isNaN(distance) ? String(left ?? '').localeCompare(String(right ?? ''), locale) : distance;
  };
  return props.lines.toSorted((a, b) => sign * compare(a, b));
}

const noColumns: readonly string[] = [];

/** The legend of lines as a table: whole names, chosen params, values at the cursor. */
export function LegendTable(props: LegendProps) {
  const { styles, columns = noColumns, values, only, onOnly } = props;
  const [sort, setSort] = useState<Sort>();
  const onChoose = useCallback((id: string, adds: boolean) => onOnly((before) => chosen(before, id, adds)), [onOnly]);
  const head = (by: string, label: string, isRight = false) => {
    const direction = sort?.by !== by ? undefined : sort.descending ? 'descending' : 'ascending';
    const Arrow = direction === 'descending' ? ArrowDown : ArrowUp;
    return (
      <Table.Th key={by} aria-sort={direction ?? 'none'} ta={isRight ? 'right' : undefined}>
        <UnstyledButton
          fz="sm"
          fw="inherit"
          onClick={() => setSort({ by, descending: sort?.by === by && !sort.descending })}
        >
          {label} {direction && <Arrow size={12} aria-hidden />}
        </UnstyledButton>
      </Table.Th>
    );
  };
  return (
    <ScrollBox className={classes.legend} label={props.of === undefined ? text.legend : text.legendOf(props.of)}>
      <Table verticalSpacing={2} fz="sm" stickyHeader>
        <Table.Thead>
          <Table.Tr>
            {head('name', text.line)}
            {columns.map((column) => head(`p:${column}`, column))}
            {head('value', props.valueLabel ?? text.value, true)}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {sorted(props, sort).map((line) => (
            <Row
              key={line.id}
              line={line}
              style={styles.get(line.id)}
              columns={columns}
              value={values?.get(line.id)}
              isShown={only === undefined || only.has(line.id)}
              isAlone={only?.size === 1 && only.has(line.id)}
              isFocused={props.focused === line.id}
              onChoose={onChoose}
            />
          ))}
        </Table.Tbody>
      </Table>
      {props.lines.length === 0 && <Text size="sm">{text.noLines}</Text>}
    </ScrollBox>
  );
}
