// Writes the published form of the SDK into a directory, sdk/dist unless another is named: JavaScript and types, for Node 20
// and later, which strips no types in node_modules. `npm pack` or `npm publish` in it does the rest.
import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';

const root = path.resolve(import.meta.dirname, '..');
const sdk = path.join(root, 'sdk');
const target = path.resolve(process.argv[2] ?? path.join(sdk, 'dist'));

rmSync(target, { recursive: true, force: true });
const tsc = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
execFileSync(process.execPath, [tsc, '--project', path.join(sdk, 'tsconfig.publish.json'), '--outDir', target], {
  stdio: 'inherit',
});

interface Manifest {
  private?: true;
  exports: Record<string, string>;
  [member: string]: unknown;
}
const {
  private: _,
  exports,
  ...manifest
} = JSON.parse(readFileSync(path.join(sdk, 'package.json'), 'utf8')) as Manifest;
const published = Object.fromEntries(
  Object.entries(exports).map(([name, source]) => {
    const file = source.replace('./src/', './').replace(/\.ts$/, '');
    return [name, { types: `${file}.d.ts`, default: `${file}.js` }];
  }),
);
const whole = {
  ...manifest,
  description: 'A typed client of Maestro for programs in TypeScript and JavaScript.',
  engines: { node: '>=20.6' },
  exports: published,
  files: ['*.js', '*.d.ts'],
};
writeFileSync(path.join(target, 'package.json'), `${JSON.stringify(whole, null, 2)}\n`);
cpSync(path.join(sdk, 'README.md'), path.join(target, 'README.md'));
cpSync(path.join(root, 'LICENSE'), path.join(target, 'LICENSE'));
