import { cp, readdir } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'vitest';
import { runPython } from './python.ts';

/** Where the Python package and its tests are. */
export const source = path.join(import.meta.dirname, '..', 'python');

async function pip(...args: string[]): Promise<void> {
  const { code, output } = await runPython('python', ['-m', 'pip', ...args], {});
  if (code !== 0) throw new Error(output);
}

/** Installs the package below `folder` from the wheel that it builds; the directory is for PYTHONPATH. */
export async function installWheel(folder: string): Promise<string> {
  const [sources, wheels, site] = [
    path.join(folder, 'sources'),
    path.join(folder, 'wheels'),
    path.join(folder, 'site'),
  ];
  // A build writes beside its sources, and tests build at the same time.
  await cp(source, sources, { recursive: true });
  await pip('wheel', '--quiet', '--no-deps', '--no-build-isolation', '-w', wheels, sources);
  const [wheel = ''] = await readdir(wheels);
  expect(wheel).toMatch(/^maestro_mlflow-[\d.]+-py3-none-any\.whl$/);
  await pip('install', '--quiet', '--no-deps', '--target', site, path.join(wheels, wheel));
  return site;
}
