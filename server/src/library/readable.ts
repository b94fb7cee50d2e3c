import { isOpen, openTo } from '../identity/granted.ts';
import { experimentsOfModels, experimentsOfRuns } from '../identity/target_queries.ts';
import type { Contexts } from '../operation.ts';
import type { Source } from './version_queries.ts';

/** Who asks, in the transaction that answers. */
export type Reader = Pick<Contexts['tenant'], 'tx' | 'caller' | 'place'>;

/** Where versions come from, as far as the reader may read these runs and models; null for the rest. */
export async function readableSources<Row extends Source>(reader: Reader, rows: readonly Row[]): Promise<Row[]> {
  const [runs, models] = [await openTo(reader, 'run:read'), await openTo(reader, 'model:read')];
  if (!runs && !models) return [...rows];
  const idsOf = (field: 'run_id' | 'model_id') => rows.flatMap(({ [field]: id }) => (id === null ? [] : [id]));
  const ofRuns = await experimentsOfRuns(reader.tx, idsOf('run_id'));
  const ofModels = await experimentsOfModels(reader.tx, idsOf('model_id'));
  return rows.map((row) => {
    const [run, model] = [ofRuns.get(row.run_id ?? ''), ofModels.get(row.model_id ?? '')];
    const hasRun = isOpen(runs, run === undefined ? {} : { experiment: run });
    const hasModel = isOpen(models, {
      ...(model === undefined ? {} : { experiment: model }),
      ...(row.model_id === null ? {} : { model: row.model_id }),
    });
    return {
      ...row,
      ...(hasRun ? {} : { run_id: null, run_path: null }),
      ...(hasModel ? {} : { model_id: null }),
    };
  });
}
