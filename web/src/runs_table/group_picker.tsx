import { Button, Group, Menu, Pill, SegmentedControl, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { Rows3 } from 'lucide-react';
import { useState } from 'react';
import { type ColumnId, idOf } from './column_ids.ts';
import { useKeys } from './keys.ts';
import classes from './runs_table.module.css';
import type { Statistic } from './search.ts';
import type { TableChange } from './table_state.ts';
import { text } from './text.ts';

interface GroupPickerProps {
  readonly experimentId: number;
  readonly groups: readonly ColumnId[];
  readonly statistic: Statistic;
  readonly onChange: TableChange['groups'];
  readonly onStatistic: (statistic: Statistic) => void;
}

const levelsMax = 5;
const shownMax = 20;
const attributes: readonly ColumnId[] = ['status', 'user', 'source'].map((key) => ({ kind: 'attribute', key }));

/** What runs may be grouped by, found on the server. */
function Choices({ experimentId, groups, onChange }: Omit<GroupPickerProps, 'statistic' | 'onStatistic'>) {
  const [part, setPart] = useState('');
  const [asked] = useDebouncedValue(part, 150);
  const params = useKeys(experimentId, 'param', asked, shownMax);
  const tags = useKeys(experimentId, 'tag', asked, shownMax);
  const found: readonly ColumnId[] = [
    ...attributes.filter((column) => text.label(column).toLowerCase().includes(asked.toLowerCase())),
    ...(params.data?.items ?? []).map((key): ColumnId => ({ kind: 'param', key })),
    ...(tags.data?.items ?? []).map((key): ColumnId => ({ kind: 'tag', key })),
  ].filter((column) => !groups.some((each) => idOf(each) === idOf(column)));
  return (
    <Stack gap={6} p={6} miw={260}>
      <TextInput
        size="xs"
        value={part}
        onChange={({ currentTarget }) => setPart(currentTarget.value)}
        placeholder={text.group.search}
        aria-label={text.group.search}
        type="search"
        data-autofocus
      />
      <div className={classes.list}>
        {found.map((column) => (
          <Menu.Item
            key={idOf(column)}
            rightSection={
              column.kind !== 'attribute' && (
                <Text size="xs" c="dimmed">
                  {text.kinds[column.kind]}
                </Text>
              )
            }
            onClick={() =>
              onChange((before) => (before.some((each) => idOf(each) === idOf(column)) ? before : [...before, column]))
            }
          >
            {text.label(column)}
          </Menu.Item>
        ))}
        {found.length === 0 && params.data && (
          <Text size="sm" c="dimmed">
            {text.columns.none}
          </Text>
        )}
      </div>
    </Stack>
  );
}

/** By what runs are grouped, outermost first, and which of a group's numbers is shown. */
export function GroupPicker({ experimentId, groups, statistic, onChange, onStatistic }: GroupPickerProps) {
  return (
    <Group gap={6}>
      {groups.map((column) => (
        <Pill
          key={idOf(column)}
          size="md"
          withRemoveButton
          removeButtonProps={{
            'aria-label': text.group.remove(text.label(column)),
            'aria-hidden': false,
            tabIndex: 0,
          }}
          onRemove={() => onChange((before) => before.filter((each) => idOf(each) !== idOf(column)))}
        >
          {text.label(column)}
        </Pill>
      ))}
      {groups.length < levelsMax && (
        <Menu position="bottom-start" closeOnItemClick withinPortal withInitialFocusPlaceholder={false}>
          <Menu.Target>
            <Button size="compact-sm" variant="default" leftSection={<Rows3 size={15} aria-hidden />}>
              {text.group.button}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Choices experimentId={experimentId} groups={groups} onChange={onChange} />
          </Menu.Dropdown>
        </Menu>
      )}
      {groups.length > 0 && (
        <SegmentedControl
          size="xs"
          aria-label={text.group.statistic}
          value={statistic}
          onChange={(value) => onStatistic(value as Statistic)}
          data={Object.entries(text.group.statistics).map(([value, label]) => ({ value, label }))}
        />
      )}
    </Group>
  );
}
