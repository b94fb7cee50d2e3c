import { Table, type TableProps } from '@mantine/core';
import classes from './wide_table.module.css';

interface WideTableProps extends TableProps {
  /** What the table holds, for those who do not see it. */
  readonly label: string;
  /** In pixels: below it, the table scrolls in its own box. */
  readonly minWidth: number;
}

/** A table that never makes the page wider than the window; its box is reached and scrolled by keyboard too. */
export const WideTable = ({ label, minWidth, ...table }: WideTableProps) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard (WCAG 2.1.1)
  <section className={classes.box} aria-label={label} tabIndex={0}>
    <Table miw={minWidth} {...table} />
  </section>
);
