import type { History, Value } from '@maestro/insight/history';
import { learn, predict } from '@maestro/insight/learning';
import { median, randomOf } from '@maestro/insight/numbers';

/** Projects with costs that grow with size, as large a history as the times are promised for. */
function simulated(count: number, featureCount: number): History {
  const random = randomOf(1);
  const rows = Array.from({ length: count }, () =>
    Array.from(
      { length: featureCount },
      (_, at): Value => (at % 3 === 2 ? 'abcdef'.charAt(6 * random()) : Math.exp(3 * random())),
    ),
  );
  return {
    features: Array.from({ length: featureCount }, (_, at) => ({
      name: `x${at}`,
      kind: at % 3 === 2 ? 'categorical' : 'numeric',
    })),
    rows,
    outcomes: rows.map(([size]) => Number(size) * 100 * Math.exp(random())),
    scale: 'amount',
  };
}

const history = simulated(500, 15);

function msOf(work: () => void): number {
  const began = performance.now();
  work();
  return performance.now() - began;
}

/** The fastest of a few: other work on the machine slows the rest. */
export const trainingMs = (): number => Math.min(...Array.from({ length: 3 }, () => msOf(() => learn(history, 1))));

export function predictionMs(count = 100): number {
  const { model } = learn(history, 1);
  return median(history.rows.slice(0, count).map((row) => msOf(() => predict(model, [row]))));
}
