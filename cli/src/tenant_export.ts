import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { appendFile, mkdir, open, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Api } from './api.ts';
import { Failure } from './failure.ts';
import { saveWhole } from './save.ts';
import { wholeLines } from './whole_lines.ts';

/** A part that is there: its lines, its bytes, and when its snapshot was taken. */
interface Part {
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: string;
  readonly exported_at: string;
}

export interface Manifest {
  readonly format: 1;
  readonly tenant: string;
  /** Whether everything is here; what is not, the next run brings. */
  complete: boolean;
  readonly parts: Record<string, Part>;
  files: { count: number; bytes: number; missing: number };
}

const manifestName = 'manifest.json';
const sumsName = 'files.sha256';

const sizeOf = async (path: string): Promise<number | undefined> =>
  stat(path).then(
    ({ size }) => size,
    () => undefined,
  );

async function manifestIn(directory: string, tenant: string): Promise<Manifest> {
  const text = await readFile(join(directory, manifestName), 'utf8').catch(() => undefined);
  if (text === undefined) {
    return { format: 1, tenant, complete: false, parts: {}, files: { count: 0, bytes: 0, missing: 0 } };
  }
  const found = JSON.parse(text) as Manifest;
  if (found.tenant === tenant && found.format === 1) return { ...found, complete: false };
  throw new Failure(`${directory} holds an export of tenant ${found.tenant}: give another directory.`);
}

async function keep(directory: string, manifest: Manifest): Promise<void> {
  const draft = join(directory, `${manifestName}.draft`);
  await writeFile(draft, `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600 });
  await rename(draft, join(directory, manifestName));
}

/** Passes pieces on, and hashes and counts them. */
async function* measured(
  pieces: AsyncIterable<Uint8Array>,
  into: { hash: Hash; bytes: number; rows: number },
): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    into.hash.update(piece);
    into.bytes += piece.length;
    for (let at = piece.indexOf(10); at >= 0; at = piece.indexOf(10, at + 1)) into.rows++;
    yield piece;
  }
}

/** Where a file goes. A path comes from the server: it must not lead out of the directory. */
function placeOf(directory: string, path: string): string {
  const segments = path.split('/');
  if (segments.some((segment) => segment === '' || segment === '.' || segment === '..' || /[\\\0]/.test(segment))) {
    throw new Failure(`The server names a file that may not be written: ${JSON.stringify(path)}`);
  }
  return join(directory, 'files', ...segments);
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path)) hash.update(piece as Buffer);
  return hash.digest('hex');
}

/**
 * Brings a tenant's tables and files into a directory. What is there and whole already stays: a run that broke off is
 * completed by repeating it. `said` hears what was brought.
 */
export async function exportTenant(
  api: Api,
  tenant: string,
  directory: string,
  said: (text: string) => void,
): Promise<Manifest> {
  const where = api.server.isOperatorKey
    ? { path: `/tenants/${encodeURIComponent(tenant)}/export`, request: {} }
    : { path: '/tenant/export', request: { tenant } };
  const { parts } = await api.call<{ parts: string[] }>('GET', where.path, where.request);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const manifest = await manifestIn(directory, tenant);
  await keep(directory, manifest);

  for (const part of parts) {
    const path = join(directory, `${part}.jsonl`);
    const known = manifest.parts[part];
    if (known && known.bytes === (await sizeOf(path))) continue;
    const exported_at = new Date().toISOString();
    const found = { hash: createHash('sha256'), bytes: 0, rows: 0 };
    const lines = wholeLines(api.download(`${where.path}/${part}`, where.request), false);
    await saveWhole(measured(lines, found), path);
    const { rows, bytes } = found;
    manifest.parts[part] = { rows, bytes, sha256: found.hash.digest('hex'), exported_at };
    await keep(directory, manifest);
    said(`${part}: ${rows} rows`);
  }

  manifest.files = { count: 0, bytes: 0, missing: 0 };
  const sums = join(directory, sumsName);
  await writeFile(sums, '', { mode: 0o600 });
  const listing = await open(join(directory, 'files.jsonl'));
  for await (const line of listing.readLines()) {
    const { path, size } = JSON.parse(line) as { path: string; size: number };
    const place = placeOf(directory, path);
    if ((await sizeOf(place)) !== size) {
      await mkdir(dirname(place), { recursive: true, mode: 0o700 });
      const pieces = api.download(`${where.path}/files/content`, { ...where.request, query: { path } });
      try {
        await saveWhole(pieces, place);
      } catch (error) {
        // It was removed since the files were listed.
        if (!(error instanceof Failure) || !error.message.startsWith('No such artifact')) throw error;
        manifest.files.missing++;
        continue;
      }
    }
    manifest.files.count++;
    manifest.files.bytes += (await sizeOf(place)) ?? 0;
    // As `sha256sum --check` reads it.

    await appendFile(sums, `${await hashOf(place)}  files/${path}\n`);
  }
  manifest.complete = true;
  await keep(directory, manifest);
  return manifest;
}
