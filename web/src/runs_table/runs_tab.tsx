import { Button, Group, Stack, Switch, Text } from '@mantine/core';
import { FlaskConical, Keyboard, RefreshCw, SearchX } from 'lucide-react';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { Empty } from '../app/empty.tsx';
import { Loading, Problem } from '../app/states.tsx';
import { ViewsMenu } from '../views/views_menu.tsx';
import { useActions } from './actions.ts';
import { BulkBar } from './bulk_bar.tsx';
import { useColumnChange } from './column_changes.ts';
import { columnOf, isEditable, type ShownColumn, samePath } from './column_ids.ts';
import { ColumnPicker } from './column_picker.tsx';
import { CutOff, useCutOff, useOnceBack } from './cut_off.tsx';
import { ExportButton } from './export_button.tsx';
import { FilterField } from './filter_field.tsx';
import { GroupPicker } from './group_picker.tsx';
import type { GroupItem } from './items.ts';
import { useUsualColumns } from './keys.ts';
import { KeysHelp } from './keys_help.tsx';
import { useLive } from './live.ts';
import { PythonLines } from './python_lines.tsx';
import { type GridHandle, RunGrid } from './run_grid.tsx';
import type { RunRow } from './run_rows.ts';
import { useSelection } from './selection.ts';
import { orderOf, useTableState } from './table_state.ts';
import { text } from './text.ts';
import { useTableKeys } from './use_keys.ts';
import { useRows } from './use_rows.ts';

const noColumns: readonly ShownColumn[] = [];

/** The runs of an experiment. */
export function RunsTab({ experiment }: { readonly experiment: string }) {
  const { state, change } = useTableState();
  const usual = useUsualColumns(state.experimentId);
  const columns = state.columns ?? usual.columns;
  const rows = useRows(state, columns);
  const { items, fields, list, total, meant } = rows;
  const columnChange = useColumnChange(usual.columns ?? noColumns, change);
  const selection = useSelection(items);
  const actions = useActions(fields);
  const grid = useRef<GridHandle>(null);
  const filterField = useRef<{ focus: () => void }>(null);
  const [editing, setEditing] = useState<{ id: string; columnId: string }>();
  const [isHelpOpen, setHelpOpen] = useState(false);
  const live = useLive({ state, meant, fields, items, list, grid });
  const cutOff = useCutOff([...rows.asked, live.asked]);
  useOnceBack(cutOff, () => rows.error && live.reload());

  const toggleGroup = useCallback(
    ({ path, isOpen }: GroupItem) =>
      change.open((open) => {
        if (!isOpen) return [...open.filter((each) => !samePath(each, path)), path];
        return open.filter((each) => !path.every((value, at) => value === each[at]) || each.length < path.length);
      }),
    [change],
  );
  const editable = useMemo(() => (columns ?? noColumns).filter(isEditable).map(({ id }) => id), [columns]);
  useEffect(() => {
    if (editing) grid.current?.showColumn(editing.columnId);
  }, [editing]);
  const ids = [...selection.ids];
  const { active, setActive, onKeyDown } = useTableKeys(items, selection, grid, {
    onToggleGroup: toggleGroup,
    onRename: ({ id }) => setEditing({ id, columnId: 'name' }),
    onTag: ({ id }) => {
      const tag = editable.find((columnId) => columnOf(columnId)?.kind === 'tag');
      if (tag !== undefined) setEditing({ id, columnId: tag });
    },
    onCompare: () => ids.length > 0 && actions.compare(ids),
    onDelete: () => {
      if (ids.length === 0 || state.isDeleted) return;
      void actions.remove(ids);
      selection.clear();
    },
    onFilter: () => filterField.current?.focus(),
    onHelp: () => setHelpOpen(true),
  });
  const { toggle } = selection;
  const handlers = useMemo(
    () => ({
      onSelect: (index: number, isRange: boolean) => {
        setActive(index);
        toggle(index, isRange);
      },
      onEdit: ({ id }: RunRow, columnId: string) => setEditing({ id, columnId }),
      onSave: (row: RunRow, columnId: string, value: string) => {
        const column = columnOf(columnId);
        if (column?.kind === 'tag') void actions.tag([row.id], column.key, value === '' ? null : value);
        else void actions.rename(row, value);
      },
      onEndEdit: (step?: 1 | -1) =>
        setEditing((now) => {
          const columnId = now && step && editable[editable.indexOf(now.columnId) + step];
          return now && columnId ? { id: now.id, columnId } : undefined;
        }),
    }),
    [actions, toggle, setActive, editable],
  );

  const isFilterFault = rows.error !== null && 'field' in rows.error && rows.error.field === 'filter';
  const isOfBefore = cutOff !== undefined && items.length > 0;
  const isEmpty = !rows.isWaiting && !rows.error && items.length === 0;
  return (
    <Stack gap="xs">
      <Group gap="xs" align="flex-start">
        <FilterField
          ref={filterField}
          experimentId={state.experimentId}
          filter={state.filter}
          error={rows.error}
          onApply={change.filter}
        />
        <ColumnPicker experimentId={state.experimentId} columns={columns ?? noColumns} change={columnChange} />
        <ViewsMenu experimentId={state.experimentId} />
        <ExportButton meant={meant} order={orderOf(state.sorting)} columns={columns ?? noColumns} total={total} />
      </Group>
      <Group gap="sm" mih={34}>
        <Text size="sm" className="figures" aria-live="polite">
          {total === undefined ? ' ' : text.total(total)}
        </Text>
        <Switch
          size="xs"
          label={text.deleted}
          checked={state.isDeleted}
          onChange={({ currentTarget }) => {
            selection.clear();
            change.deleted(currentTarget.checked);
          }}
        />
        <GroupPicker
          experimentId={state.experimentId}
          groups={state.groups}
          statistic={state.statistic}
          onChange={change.groups}
          onStatistic={change.statistic}
        />
        <Button
          size="compact-xs"
          variant="subtle"
          color="gray"
          leftSection={<RefreshCw size={13} aria-hidden />}
          loading={live.isReloading}
          onClick={live.reload}
        >
          {text.live.reload}
        </Button>
        <Button
          size="compact-xs"
          variant="subtle"
          color="gray"
          visibleFrom="sm"
          leftSection={<Keyboard size={13} aria-hidden />}
          onClick={() => setHelpOpen(true)}
        >
          {text.keys.button}
        </Button>
        {live.fresh > 0 && (
          <Button size="compact-sm" variant="light" onClick={live.reload}>
            {text.live.fresh(live.fresh)} · {text.live.show}
          </Button>
        )}
        <BulkBar selection={selection} isDeleted={state.isDeleted} actions={actions} />
      </Group>
      {isOfBefore && <CutOff since={cutOff} onRetry={live.reload} />}
      {rows.error && !isFilterFault && !isOfBefore && !live.isReloading && (
        <Problem error={rows.error} onRetry={() => void rows.refetch()} />
      )}
      {usual.error && !columns && <Problem error={usual.error} />}
      {(rows.isWaiting || !columns) && !rows.error && <Loading />}
      {isEmpty && state.filter === '' && !state.isDeleted && state.groups.length === 0 && (
        <Empty Icon={FlaskConical} title={text.noneTitle}>
          {text.noneLead}
          <PythonLines experiment={experiment} />
        </Empty>
      )}
      {isEmpty && (state.filter !== '' || state.isDeleted || state.groups.length > 0) && (
        <Empty Icon={SearchX} title={text.noMatchTitle}>
          {state.isDeleted && state.filter === '' ? text.noDeleted : text.noMatch}
        </Empty>
      )}
      {columns && fields && items.length > 0 && !isFilterFault && (
        <RunGrid
          state={state}
          columns={columns}
          items={items}
          fields={fields}
          measures={rows.measures}
          statistic={state.statistic}
          total={total}
          isPrevious={list.isPrevious && !isOfBefore && state.groups.length === 0}
          change={columnChange}
          selection={selection}
          active={active}
          editing={editing}
          handlers={handlers}
          onToggleGroup={toggleGroup}
          onKeyDown={onKeyDown}
          handle={grid}
        />
      )}
      <KeysHelp isOpen={isHelpOpen} onClose={() => setHelpOpen(false)} />
    </Stack>
  );
}
