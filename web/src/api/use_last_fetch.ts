import { useEffect, useRef } from 'react';

/** Fetches once more when what goes on has ended: its last part was written after the last time it was asked for. */
export function useLastFetch(isLive: boolean, refetch: () => unknown): void {
  const wasLive = useRef(isLive);
  useEffect(() => {
    if (wasLive.current && !isLive) void refetch();
    wasLive.current = isLive;
  }, [isLive, refetch]);
}
