import { Text } from '@mantine/core';
import { useDebouncedValue, useMediaQuery } from '@mantine/hooks';
import { getRouteApi } from '@tanstack/react-router';
import { useCallback, useEffect, useMemo } from 'react';
import { rowHeightFor } from '../app/name_lines.ts';
import { Loading, Problem } from '../app/states.tsx';
import { cellPadding, VirtualTable } from '../app/virtual_table.tsx';
import { type CodeFact, codeTags } from '../runs/code_of_run.ts';
import classes from './compare.module.css';
import { ComparedValue } from './compared_value.tsx';
import { bestOf, isLowerBetter } from './direction.ts';
import { KeyCell } from './key_cell.tsx';
import { type RunInfo, useComparedKeys } from './queries.ts';
import { RunHeadCell } from './run_head_cell.tsx';
import { text } from './text.ts';

const route = getRouteApi('/signed-in/t/$tenant/compare');

/** Rows to have before the reader scrolls: pages may hold few where only differences are shown. */
const firstRows = 40;

/** The width of the button beside a metric, which turns its direction. */
const turnWidth = 22;

interface Props {
  readonly runs: readonly RunInfo[];
  readonly part: 'metrics' | 'params' | 'tags' | 'code';
  readonly onLeaveOut: (runId: string) => void;
}

/** Keys down, runs across, any number of both. */
export function ComparedKeys({ runs, part, onLeaveOut }: Props) {
  const { q = '', all = false, base = '', turned = [] } = route.useSearch();
  const runIds = useMemo(() => runs.map(({ run_id: id }) => id), [runs]);
  const [search] = useDebouncedValue(part === 'code' ? 'mlflow.source' : q.trim(), 200);
  const query = useComparedKeys(runIds, part === 'code' ? 'tags' : part, all, search);
  const { data, hasNextPage, isFetching, isFetchNextPageError, fetchNextPage } = query;
  const rows = useMemo(() => {
    const found = data?.pages.flatMap(({ items }) => items) ?? [];
    if (part !== 'code') return found;
    return (Object.keys(codeTags) as CodeFact[]).flatMap((fact) => {
      const row = found.find(({ key }) => key === codeTags[fact]);
      return row ? [{ ...row, key: text[fact] }] : [];
    });
  }, [data, part]);
  const onEnd = useCallback(() => {
    if (hasNextPage && !isFetching && !isFetchNextPageError) void fetchNextPage();
  }, [hasNextPage, isFetching, isFetchNextPageError, fetchNextPage]);
  useEffect(() => {
    if (rows.length < firstRows) onEnd();
  }, [rows.length, onEnd]);
  const isNarrow = useMediaQuery('(max-width: 48em)');
  const keyWidth = isNarrow ? 140 : 220;
  const nameWidth = keyWidth - cellPadding - (part === 'metrics' ? turnWidth : 0);
  const rowHeight = useMemo(
    () =>
      rowHeightFor(
        rows.map(({ key }) => key),
        nameWidth,
        36,
      ),
    [rows, nameWidth],
  );
  const columns = useMemo(
    () => [
      { key: 'key', title: text.key, width: keyWidth },
      ...runs.map((run) => ({
        key: run.run_id,
        title: <RunHeadCell run={run} isBase={run.run_id === base} onLeaveOut={() => onLeaveOut(run.run_id)} />,
        width: part === 'metrics' ? 170 : 200,
      })),
    ],
    [runs, base, part, onLeaveOut, keyWidth],
  );
  const problem = query.error && (
    <Problem error={query.error} onRetry={() => void (isFetchNextPageError ? fetchNextPage() : query.refetch())} />
  );
  if (problem && (rows.length === 0 || !isFetchNextPageError)) return problem;
  if (rows.length === 0 && (isFetching || hasNextPage)) return <Loading />;
  if (rows.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {all ? text.empty : text.alike}
      </Text>
    );
  }
  const basePlace = runIds.indexOf(base);
  return (
    <div className={classes.table}>
      <VirtualTable
        label={text.table(text.parts[part])}
        columns={columns}
        rowCount={rows.length}
        headHeight={56}
        rowHeight={rowHeight}
        onEnd={onEnd}
        cell={(at, column) => {
          const row = rows[at];
          if (!row) return null;
          const isLower = isLowerBetter(row.key, turned);
          if (column === 0) {
            return <KeyCell name={row.key} isMetric={part === 'metrics'} isLower={isLower} width={nameWidth} />;
          }
          return (
            <ComparedValue
              value={row.values[column - 1] ?? null}
              base={basePlace < 0 || basePlace === column - 1 ? undefined : (row.values[basePlace] ?? null)}
              best={part === 'metrics' && basePlace < 0 ? bestOf(row.values, isLower) : undefined}
              isLower={isLower}
            />
          );
        }}
      />
      {problem}
      {isFetching && (
        <Text size="xs" c="dimmed" role="status">
          {text.loading}
        </Text>
      )}
    </div>
  );
}
