import type { Moment, Revocations } from './revocations.ts';

/** What a cache holds lives shorter than this, so a marker that is older has been seen. */
const markerMsMax = 60_000;

/**
 * Within this process, at no cost. `alone` says whether there can be no other process on the same database; where there
 * can, what others change is never heard of here, and nothing cached lives for longer than half a second.
 */
export function memoryRevocations({ alone }: { alone: boolean }): Revocations {
  const markers = new Map<string, { value: string; at: number }>();
  let epoch = 0;

  function dropOld(now: number): void {
    // In the order of their marking: the first that is not old ends it.
    for (const [subject, { at }] of markers) {
      if (now - at <= markerMsMax) return;
      markers.delete(subject);
    }
  }

  return {
    async mark(subjects) {
      const now = performance.now();
      const value = String(++epoch);
      dropOld(now);
      for (const subject of subjects) {
        markers.delete(subject);
        markers.set(subject, { value, at: now });
      }
    },
    read: (subjects): Moment => ({
      era: '',
      epoch: String(epoch),
      markers: subjects.map((subject) => markers.get(subject)?.value ?? ''),
    }),
    lifeMs: alone ? 10_000 : 500,
    async close() {
      markers.clear();
    },
  };
}
