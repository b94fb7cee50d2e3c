// Writes .env.example from the list of variables; with --check, only tells whether it is up to date.
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { environmentExample } from '../server/src/environment_example.ts';

const target = path.resolve(import.meta.dirname, '..', '.env.example');
const text = environmentExample();

if (process.argv.includes('--check')) {
  if ((await readFile(target, 'utf8').catch(() => '')) !== text) {
    console.error('.env.example is not what the list of variables says: run npm run env-example and commit it.');
    process.exitCode = 1;
  }
} else await writeFile(target, text);
