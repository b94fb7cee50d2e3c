import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What `postmaster.pid` of a PostgreSQL data directory says. */
export type PostmasterFile = {
  readonly pid: number;
  readonly socketDirectory: string;
  /** `starting`, `ready`, `standby`, `stopping`; empty very early. */
  readonly status: string;
};

/** Undefined when there is none, or only the beginning of one. Its lines: PostgreSQL's src/include/utils/pidfile.h. */
export async function readPostmasterFile(data: string): Promise<PostmasterFile | undefined> {
  try {
    const lines = (await readFile(join(data, 'postmaster.pid'), 'utf8')).split('\n');
    const pid = Number(lines[0]);
    if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
    return { pid, socketDirectory: lines[4]?.trim() ?? '', status: lines[7]?.trim() ?? '' };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
