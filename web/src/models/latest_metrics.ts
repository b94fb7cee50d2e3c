import type { Model } from './queries.ts';

type Point = Model['metrics'][number];

/** The newest point of each metric on each dataset, by key. */
export function latestOf(points: readonly Point[]): Point[] {
  const latest = new Map<string, Point>();
  for (const point of points) {
    const of = JSON.stringify([point.key, point.dataset_name, point.dataset_digest]);
    const before = latest.get(of);
    if (
      !before ||
      point.timestamp > before.timestamp ||
      (point.timestamp === before.timestamp && point.step >= before.step)
    ) {
      latest.set(of, point);
    }
  }
  return [...latest.values()];
}
