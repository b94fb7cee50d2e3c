import { useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useApi, useTenant } from '../api/hooks.ts';
import { offerUndo, tellFailure } from '../app/changes.tsx';
import { idOf } from './column_ids.ts';
import { useRunCache } from './run_cache.ts';
import { type CellValue, Fields, type RunRow } from './run_rows.ts';
import { selectedMax } from './selection.ts';
import { text } from './text.ts';

interface TagChange {
  readonly run_id: string;
  readonly key: string;
  readonly value: string | null;
}

function* inParts<Item>(all: readonly Item[]): Generator<Item[]> {
  for (let from = 0; from < all.length; from += selectedMax) yield all.slice(from, from + selectedMax);
}

const withCell = (fields: Fields, key: string, value: CellValue) => {
  const place = fields.columns.findIndex((column) => idOf(column) === `t.${key}`);
  return (row: RunRow): RunRow =>
    place < 0 ? row : { ...row, cells: row.cells.map((cell, at) => (at === place ? value : cell)) };
};

/** What is done to runs: seen at once, with a way back, and taken back by itself where the server refuses. */
export function useActions(fields: Fields | undefined) {
  const api = useApi();
  const tenant = useTenant();
  const cache = useRunCache();
  const navigate = useNavigate();
  return useMemo(() => {
    const known = fields ?? new Fields([]);
    const refused = (error: unknown) => {
      tellFailure(error instanceof Error ? error : new Error(String(error)));
      void cache.reload();
    };

    /** Gives the runs of which the server did it: of many, those up to the part that it refused. */
    async function setStage(ids: readonly string[], stage: 'delete' | 'restore'): Promise<readonly string[]> {
      const done: string[] = [];
      try {
        cache.change(new Set(ids), () => undefined);
        for (const run_ids of inParts(ids)) {
          await api.POST(`/runs/${stage}`, { body: { run_ids } });
          done.push(...run_ids);
        }
        cache.recount();
      } catch (error) {
        refused(error);
      }
      return done;
    }
    /** Back where they were takes asking again: the order is the server's. */
    const undoStage = async (ids: readonly string[], stage: 'delete' | 'restore') => {
      await setStage(ids, stage);
      void cache.reload();
    };

    async function change(changes: readonly TagChange[]): Promise<TagChange[]> {
      for (const { run_id: id, key, value } of changes) cache.change(new Set([id]), withCell(known, key, value));
      const before: TagChange[] = [];
      try {
        for (const part of inParts(changes)) {
          before.push(...(await api.POST('/runs/tags', { body: { changes: part } })).data.before);
        }
      } catch (error) {
        refused(error);
      }
      return before;
    }

    async function rename(row: RunRow, name: string): Promise<boolean> {
      const set = (to: string) => cache.change(new Set([row.id]), (each) => ({ ...each, name: to }));
      set(name);
      try {
        await api.PATCH('/runs/{run_id}', { params: { path: { run_id: row.id } }, body: { name } });
        return true;
      } catch (error) {
        set(row.name);
        tellFailure(error as Error);
        return false;
      }
    }

    return {
      remove: async (ids: readonly string[]) => {
        const done = await setStage(ids, 'delete');
        if (done.length > 0) offerUndo(text.select.removed(done.length), () => undoStage(done, 'restore'));
      },
      restore: async (ids: readonly string[]) => {
        const done = await setStage(ids, 'restore');
        if (done.length > 0) offerUndo(text.select.restored(done.length), () => undoStage(done, 'delete'));
      },
      tag: async (ids: readonly string[], key: string, value: string | null) => {
        const before = await change(ids.map((run_id) => ({ run_id, key, value })));
        if (before.length > 0) offerUndo(text.select.tagged(before.length), () => change(before));
      },
      rename: async (row: RunRow, name: string) => {
        if (name === '' || !(await rename(row, name))) return;
        offerUndo(text.edit.renamed(name), () => rename({ ...row, name }, row.name));
      },
      compare: (ids: readonly string[]) =>
        void navigate({ to: '/t/$tenant/compare', params: { tenant }, search: { runs: ids.join(',') } }),
    };
  }, [api, tenant, cache, navigate, fields]);
}

export type Actions = ReturnType<typeof useActions>;
