import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Operation } from '../src/operation.ts';

const root = join(import.meta.dirname, '../src');

const isOperation = (value: unknown): value is Operation =>
  typeof value === 'object' && value !== null && 'execute' in value && 'permission' in value && 'name' in value;

/** The operations of the server by their names, read from the code as it is. */
export async function operations(): Promise<ReadonlyMap<string, Operation>> {
  const found = new Map<string, Operation>();
  const files = ['identity', 'audit', 'limits', 'tracking', 'files', 'mlflow', 'native'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(root, folder, name)),
  );
  for (const file of files.filter((name) => name.endsWith('.ts') && !/\.(?:test|suite|fixture)\.ts$/.test(name))) {
    const exported = Object.values((await import(file)) as Record<string, unknown>);
    for (const operation of exported.filter(isOperation)) found.set(operation.name, operation);
  }
  return found;
}
