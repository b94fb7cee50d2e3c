import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Operation } from '../src/operation.ts';

const root = join(import.meta.dirname, '../src');

const isOperation = (value: unknown): value is Operation =>
  typeof value === 'object' && value !== null && 'execute' in value && 'permission' in value && 'name' in value;

/** The operations of the server by their names, read from the code as it is. */
export async function operations(): Promise<ReadonlyMap<string, Operation>> {
  const found = new Map<string, Operation>();
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !/\.(?:test|suite|fixture)\.ts$/.test(name))
    .map((name) => join(root, name))
    .filter((file) => readFileSync(file, 'utf8').includes(' = defineOperation('));
  for (const file of files) {
    const exported = Object.values((await import(file)) as Record<string, unknown>);
    for (const operation of exported.filter(isOperation)) found.set(operation.name, operation);
  }
  return found;
}
