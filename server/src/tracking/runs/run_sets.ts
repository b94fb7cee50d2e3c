import { createHash } from 'node:crypto';
import Type from 'typebox';
import { notFound } from '../../errors.ts';
import { defineOperation } from '../../operation.ts';
import { runsWithin } from '../scope.ts';
import { ComparedRunIds, infosOf } from './large_comparison.ts';
import { findRunSet, insertRunSet, trimRunSets } from './run_set_queries.ts';

const SetId = Type.String({ pattern: '^[0-9a-f]{32}$', description: 'A set of runs: 32 hex digits.' });
const RunSet = Type.Object({ set_id: SetId, run_ids: ComparedRunIds });

/** Sets that a tenant keeps: the one looked at longest ago makes room. At most 16 kB each. */
const setsMax = 10_000;

/**
 * Names a list of runs, for links that would otherwise hold all of them. The same list has the same name, which tells
 * nothing of the runs to who may not read them.
 */
export const createRunSet = defineOperation({
  name: 'run_set.create',
  permission: 'run:read',
  input: Type.Object({ run_ids: ComparedRunIds }),
  on: ({ run_ids }) => ({ runs: run_ids }),
  output: RunSet,
  async run({ tx }, { run_ids: runIds }) {
    await infosOf(tx, runIds);
    const id = createHash('sha256').update(runIds.join()).digest('hex').slice(0, 32);
    await insertRunSet(tx, id, runIds);
    await trimRunSets(tx, setsMax);
    return { set_id: id, run_ids: runIds };
  },
});

export const getRunSet = defineOperation({
  name: 'run_set.get',
  permission: 'run:read',
  input: Type.Object({ set_id: SetId }),
  narrows: true,
  output: RunSet,
  async run({ tx, scope }, { set_id: id }) {
    const runIds = await findRunSet(tx, id);
    const readable = runIds && (await runsWithin(tx, scope, runIds));
    if (!readable || readable.length === 0) throw notFound(`No set of runs '${id}' found`);
    return { set_id: id, run_ids: [...readable] };
  },
});
