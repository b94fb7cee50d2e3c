import { ActionIcon, Menu } from '@mantine/core';
import { ArrowDown, ArrowLeft, ArrowRight, ArrowUp, EllipsisVertical, EyeOff, Pin, PinOff, Rows3 } from 'lucide-react';
import { useState } from 'react';
import type { ColumnChange } from './column_changes.ts';
import { type ColumnId, isMetric, type ShownColumn } from './column_ids.ts';
import { text } from './text.ts';

export const isGroupable = ({ kind, key }: ColumnId): boolean =>
  kind === 'param' || kind === 'tag' || (kind === 'attribute' && ['status', 'user', 'source'].includes(key));

const icon = (Icon: typeof Pin) => <Icon size={15} aria-hidden />;

function Items({ column, change }: { readonly column: ShownColumn; readonly change: ColumnChange }) {
  const { id, isPinned } = column;
  return (
    <>
      <Menu.Item leftSection={icon(ArrowUp)} onClick={() => change.sort({ column, descending: false })}>
        {text.columns.ascending}
      </Menu.Item>
      <Menu.Item leftSection={icon(ArrowDown)} onClick={() => change.sort({ column, descending: true })}>
        {text.columns.descending}
      </Menu.Item>
      {isGroupable(column) && (
        <Menu.Item leftSection={icon(Rows3)} onClick={() => change.groupBy(column)}>
          {text.columns.groupBy}
        </Menu.Item>
      )}
      {isMetric(column) && (
        <>
          <Menu.Divider />
          {(['last', 'min', 'max'] as const).map((kind) => (
            <Menu.Item
              key={kind}
              fw={column.kind === kind ? 600 : undefined}
              aria-current={column.kind === kind}
              onClick={() => change.kind(column, kind)}
            >
              {text.columns.values[kind]}
            </Menu.Item>
          ))}
        </>
      )}
      <Menu.Divider />
      <Menu.Item leftSection={icon(isPinned ? PinOff : Pin)} onClick={() => change.pin(id, !isPinned)}>
        {isPinned ? text.columns.unpin : text.columns.pin}
      </Menu.Item>
      <Menu.Item leftSection={icon(ArrowLeft)} closeMenuOnClick={false} onClick={() => change.move(id, -1)}>
        {text.columns.left}
      </Menu.Item>
      <Menu.Item leftSection={icon(ArrowRight)} closeMenuOnClick={false} onClick={() => change.move(id, 1)}>
        {text.columns.right}
      </Menu.Item>
      <Menu.Item leftSection={icon(EyeOff)} onClick={() => change.hide(id)}>
        {text.columns.hideThis}
      </Menu.Item>
    </>
  );
}

/** What can be done with a column. The menu is made when it is first opened: there are as many as columns. */
export function ColumnMenu({ column, change }: { readonly column: ShownColumn; readonly change: ColumnChange }) {
  const [isOpen, setOpen] = useState<boolean>();
  const button = (
    <ActionIcon
      variant="subtle"
      color="gray"
      size={24}
      me={8}
      aria-label={text.columns.menu(text.label(column))}
      aria-haspopup="menu"
      onClick={() => setOpen(!isOpen)}
    >
      <EllipsisVertical size={14} />
    </ActionIcon>
  );
  if (isOpen === undefined) return button;
  return (
    <Menu opened={isOpen} onChange={setOpen} position="bottom-end" withinPortal>
      <Menu.Target>{button}</Menu.Target>
      <Menu.Dropdown>
        <Items column={column} change={change} />
      </Menu.Dropdown>
    </Menu>
  );
}
