// Writes contract/openapi.json from the routes of /api/v1; with --check, only tells whether it is up to date.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { contractText } from '../server/src/native/face.ts';

const target = path.resolve(import.meta.dirname, '..', 'contract', 'openapi.json');
const text = contractText();

if (process.argv.includes('--check')) {
  const committed = await readFile(target, 'utf8').catch(() => '');
  if (committed !== text) {
    console.error('contract/openapi.json is not what the routes say: run node scripts/contract.ts and commit it.');
    process.exitCode = 1;
  }
} else {
  await mkdir(path.dirname(target), { recursive: true });
  await writeFile(target, text);
}
