import Type from 'typebox';
import { isConflict } from '../../db/conflicts.ts';
import type { TenantTx } from '../../db/tenancy.ts';
import { invalid } from '../../errors.ts';
import { defineOperation } from '../../operation.ts';
import { checkedTag } from '../limits.ts';
import { inactiveRun, missingRun } from '../refusals.ts';
import { changeTags, lockRuns, lockTags, setStageOfRuns } from './many_queries.ts';
import { RunId } from './operations.ts';

const RunIds = Type.Array(RunId, { minItems: 1, maxItems: 1000 });
const ManyRuns = Type.Object({ run_ids: RunIds });

/** Deletes runs, all or none; safe to repeat. */
export const deleteRuns = defineOperation({
  name: 'run.delete_many',
  permission: 'run:delete',
  input: ManyRuns,
  on: ({ run_ids }) => ({ runs: run_ids }),
  output: Type.Null(),
  audit: true,
  async run({ tx, audit }, { run_ids: runIds }) {
    audit(`${runIds.length} runs`, { run_ids: runIds });
    await lockRuns(tx, runIds, (missing) => missingRun(missing));
    await setStageOfRuns(tx, runIds, 'deleted', Date.now());
    return null;
  },
});

/** Restores deleted runs, all or none; safe to repeat. */
export const restoreRuns = defineOperation({
  name: 'run.restore_many',
  permission: 'run:delete',
  input: ManyRuns,
  on: ({ run_ids }) => ({ runs: run_ids }),
  output: Type.Null(),
  audit: true,
  async run({ tx, audit }, { run_ids: runIds }) {
    audit(`${runIds.length} runs`, { run_ids: runIds });
    await lockRuns(tx, runIds, (missing) => missingRun(missing));
    await setStageOfRuns(tx, runIds, 'active', null);
    return null;
  },
});

const Change = Type.Object({
  run_id: RunId,
  key: Type.String(),
  value: Type.Union([Type.String(), Type.Null()], { description: 'Null takes the tag away.' }),
});

/** Sets and removes tags of runs, all or none, and gives what was there: sent back, it undoes the change. */
export const tagRuns = defineOperation({
  name: 'run.tag_many',
  permission: 'run:write',
  transaction: 'own',
  input: Type.Object({ changes: Type.Array(Change, { minItems: 1, maxItems: 1000 }) }),
  on: ({ changes }) => ({ runs: [...new Set(changes.map(({ run_id }) => run_id))] }),
  output: Type.Object({ before: Type.Array(Change) }),
  async run({ inTenant }, { changes }) {
    const seen = new Set<string>();
    const checked = changes.map(({ run_id: runId, key, value }, index) => {
      const at = `changes.${index}`;
      if (key === 'mlflow.runName') throw invalid(`${at}.key: a run's name is changed by itself`, `${at}.key`);
      const name = `${runId} ${key}`;
      if (seen.has(name)) throw invalid(`${at}: the tag '${key}' of this run is changed twice`, at);
      seen.add(name);
      return { runId, key, value: value === null ? null : checkedTag({ key, value }, at).value };
    });
    const runIds = [...new Set(checked.map(({ runId }) => runId))];
    const change = async (tx: TenantTx) => {
      await lockTags(tx, checked);
      const stages = await lockRuns(tx, runIds, (missing) => missingRun(missing));
      for (const [runId, stage] of stages) if (stage !== 'active') throw inactiveRun(runId, stage);
      return changeTags(tx, checked);
    };
    // A tag that is not there yet has no row to lock: what logs it at the same time may be in the way, once.
    const before = await inTenant(change).catch((error: unknown) => {
      if (!isConflict(error)) throw error;
      return inTenant(change);
    });
    return { before: before.map(({ runId, key, value }) => ({ run_id: runId, key, value })) };
  },
});
