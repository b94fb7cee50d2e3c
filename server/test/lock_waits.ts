import type { Client } from 'pg';
import { expect, vi } from 'vitest';

/** Waits until `count` statements of the server's wait for a lock in the client's database. */
export async function untilWaiting(client: Client, count: number): Promise<void> {
  await vi.waitFor(
    async () => {
      // A transaction sees the activity of its first look: this one looks anew.
      await client.query('SELECT pg_stat_clear_snapshot()');
      const waiting = `SELECT 1 FROM pg_stat_activity
        WHERE datname = current_database() AND usename = 'maestro_server' AND wait_event_type = 'Lock'`;
      expect((await client.query(waiting)).rows).toHaveLength(count);
    },
    { timeout: 8_000, interval: 20 },
  );
}
