import { Text } from '@mantine/core';
import { asCell, asRow } from './grid_roles.ts';
import type { Item } from './items.ts';
import classes from './runs_table.module.css';
import { text } from './text.ts';

/** Says of groups that there are more than are shown. */
export function NoteLine(props: {
  readonly item: Extract<Item, { kind: 'note' }>;
  readonly index: number;
  readonly start: number;
}) {
  const { item, index, start } = props;
  return (
    <div {...asRow(index)} className={classes.row} style={{ transform: `translateY(${start}px)` }}>
      <div
        {...asCell}
        className={`${classes.cell} ${classes.dim}`}
        style={{ paddingInlineStart: 50 + item.level * 18 }}
      >
        <Text span size="sm">
          {text.group.largest(item.shown, item.all)}
        </Text>
      </div>
    </div>
  );
}
