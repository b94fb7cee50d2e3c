import { ActionIcon, Button, Drawer, Group, Stack, Text, TextInput, Title } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { ArrowDown, ArrowUp, Columns3, Minus, Pin, PinOff, Plus } from 'lucide-react';
import { useState } from 'react';
import type { ColumnChange } from './column_changes.ts';
import { attributes, type ColumnId, idOf, type ShownColumn } from './column_ids.ts';
import { type KeyKind, useKeys } from './keys.ts';
import { text } from './text.ts';

interface PickerProps {
  readonly experimentId: number;
  readonly columns: readonly ShownColumn[];
  readonly change: ColumnChange;
}

const nameOf = (column: ColumnId): string =>
  column.kind === 'attribute' ? text.label(column) : `${text.kinds[column.kind]} ${text.label(column)}`;

const icon = (Icon: typeof Pin) => <Icon size={15} aria-hidden />;

/** The columns that are shown, in their order. */
function ShownList({ columns, change }: Omit<PickerProps, 'experimentId'>) {
  return (
    <Stack gap={2} component="ul" p={0} m={0}>
      {columns.map((column) => {
        const { id, isPinned } = column;
        const name = nameOf(column);
        const button = (label: string, Icon: typeof Pin, onClick: () => void) => (
          <ActionIcon variant="subtle" color="gray" size="sm" aria-label={label} onClick={onClick}>
            {icon(Icon)}
          </ActionIcon>
        );
        return (
          <Group key={id} component="li" gap={2} wrap="nowrap">
            <Text size="sm" truncate flex={1} fw={isPinned ? 600 : undefined} title={name}>
              {name}
            </Text>
            {button(text.columns.up(name), ArrowUp, () => change.move(id, -1))}
            {button(text.columns.down(name), ArrowDown, () => change.move(id, 1))}
            {button(isPinned ? text.columns.unpinOf(name) : text.columns.pinOf(name), isPinned ? PinOff : Pin, () =>
              change.pin(id, !isPinned),
            )}
            {button(text.columns.hide(name), Minus, () => change.hide(id))}
          </Group>
        );
      })}
    </Stack>
  );
}

const shownMax = 30;

/** Metrics, params or tags that may be shown, as the server finds them. */
function FoundList(props: PickerProps & { readonly kind: KeyKind; readonly part: string }) {
  const { experimentId, columns, change, kind, part } = props;
  const { data } = useKeys(experimentId, kind, part, shownMax);
  const of = (key: string): ColumnId => ({ kind: kind === 'metric' ? 'last' : kind, key });
  const items = (data?.items ?? []).filter((key) => !columns.some(({ id }) => id === idOf(of(key))));
  if (data === undefined || data.total === 0) return null;
  return (
    <Stack gap={2}>
      <Title order={3} size="h6">
        {text.columns.sections[kind]}
      </Title>
      {items.map((key) => (
        <Button
          key={key}
          size="compact-sm"
          variant="subtle"
          color="gray"
          justify="flex-start"
          leftSection={icon(Plus)}
          aria-label={text.columns.show(nameOf(of(key)))}
          onClick={() => change.show(of(key))}
        >
          {key}
        </Button>
      ))}
      {data.total > data.items.length && (
        <Text size="xs" c="dimmed">
          {text.columns.more(data.total - data.items.length)}
        </Text>
      )}
    </Stack>
  );
}

function Picker(props: PickerProps) {
  const { columns, change } = props;
  const [part, setPart] = useState('');
  const [asked] = useDebouncedValue(part, 150);
  const hidden = attributes.filter(
    (key) =>
      !columns.some(({ id }) => id === key) &&
      text.label({ kind: 'attribute', key }).toLowerCase().includes(part.toLowerCase()),
  );
  return (
    <Stack gap="md">
      <Stack gap={4}>
        <Title order={3} size="h6">
          {text.columns.shown}
        </Title>
        <ShownList columns={columns} change={change} />
        <Button size="compact-xs" variant="subtle" onClick={change.usual} w="fit-content">
          {text.columns.usual}
        </Button>
      </Stack>
      <TextInput
        value={part}
        onChange={({ currentTarget }) => setPart(currentTarget.value)}
        placeholder={text.columns.search}
        aria-label={text.columns.search}
        type="search"
        data-autofocus
      />
      {hidden.map((key) => (
        <Button
          key={key}
          size="compact-sm"
          variant="subtle"
          color="gray"
          justify="flex-start"
          leftSection={icon(Plus)}
          aria-label={text.columns.show(text.label({ kind: 'attribute', key }))}
          onClick={() => change.show({ kind: 'attribute', key })}
        >
          {text.label({ kind: 'attribute', key })}
        </Button>
      ))}
      {(['metric', 'param', 'tag'] as const).map((kind) => (
        <FoundList key={kind} {...props} kind={kind} part={asked} />
      ))}
    </Stack>
  );
}

/** Chooses the columns of the table. */
export function ColumnPicker(props: PickerProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button variant="default" leftSection={icon(Columns3)} onClick={() => setOpen(true)} aria-haspopup="dialog">
        {text.columns.button}
      </Button>
      <Drawer opened={isOpen} onClose={() => setOpen(false)} position="right" size="sm" title={text.columns.title}>
        <Picker {...props} />
      </Drawer>
    </>
  );
}
