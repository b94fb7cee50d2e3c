import { createHash } from 'node:crypto';
import Type from 'typebox';
import { notFound } from '../../errors.ts';
import { actorOf } from '../../identity/caller.ts';
import { defineOperation } from '../../operation.ts';
import { runsWithin } from '../scope.ts';
import { ComparedRunIds, infosOf } from './large_comparison.ts';
import { findRunSet, insertRunSet, trimRunSets } from './run_set_queries.ts';

const SetId = Type.String({ pattern: '^[0-9a-f]{32}$', description: 'A set of runs: 32 hex digits.' });
const RunSet = Type.Object({ set_id: SetId, run_ids: ComparedRunIds });

/** Sets that each maker has: the one looked at longest ago makes room, and nobody else's. At most 16 kB each. */
const setsMax = 1_000;

const half = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

/**
 * Names a list of runs, for links that would otherwise hold all of them. The same list of the same maker has the same
 * name, which tells nothing of the runs to who may not read them. One half of it is the maker’s: all sets of one lie
 * side by side.
 */
export const createRunSet = defineOperation({
  name: 'run_set.create',
  permission: 'run:read',
  input: Type.Object({ run_ids: ComparedRunIds }),
  on: ({ run_ids }) => ({ runs: run_ids }),
  output: RunSet,
  async run({ tx, caller }, { run_ids: runIds }) {
    await infosOf(tx, runIds);
    const maker = half(actorOf(caller).id);
    const id = maker + half(runIds.join());
    await insertRunSet(tx, id, runIds);
    await trimRunSets(tx, maker.padEnd(32, '0'), maker.padEnd(32, 'f'), setsMax);
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
