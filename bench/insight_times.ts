import type { History, Value } from '@maestro/insight/history';
import { learn, predict } from '@maestro/insight/learning';
import { randomOf } from '@maestro/insight/numbers';

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

export function trainingMs(): number {
  const began = performance.now();
  learn(history, 1);
  return performance.now() - began;
}

export function predictionMs(count = 100): number {
  const { model } = learn(history, 1);
  const began = performance.now();
  for (const row of history.rows.slice(0, count)) predict(model, [row]);
  return (performance.now() - began) / count;
}
