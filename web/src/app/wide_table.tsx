import { Table, type TableProps } from '@mantine/core';
import { ScrollBox } from './scroll_box.tsx';
import classes from './wide_table.module.css';

interface WideTableProps extends TableProps {
  /** What the table holds, for those who do not see it. */
  readonly label: string;
  /** In pixels: below it, the table scrolls in its own box. */
  readonly minWidth: number;
  /** Whether the first column, which says what a row is about, stays in sight while the others scroll. */
  readonly pinsFirst?: boolean;
}

/** A table that never makes the page wider than the window; its box is reached and scrolled by keyboard too. */
export const WideTable = ({ label, minWidth, pinsFirst, ...table }: WideTableProps) => (
  <ScrollBox className={classes.box} data-pins-first={pinsFirst} label={label}>
    <Table miw={minWidth} {...table} />
  </ScrollBox>
);
