// Builds the web interface when its sources changed since it was built, and otherwise only looks.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'web', 'dist');
const stamp = join(dist, '.built');

const filesBelow = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();

/** Of everything that what is built depends on. */
function digest() {
  const hash = createHash('sha256');
  const files = [
    ...filesBelow(join(root, 'web', 'src')),
    ...filesBelow(join(root, 'web', 'public')),
    // What pages import of the other workspaces comes from among these.
    ...filesBelow(join(root, 'sdk', 'src')),
    ...filesBelow(join(root, 'insight', 'src')).filter((path) => !path.endsWith('.test.ts')),
    ...['web/index.html', 'web/vite.config.ts', 'package-lock.json'].map((path) => join(root, path)),
    fileURLToPath(import.meta.url),
  ];
  for (const file of files) hash.update(file.slice(root.length)).update('\0').update(readFileSync(file)).update('\0');
  return hash.digest('hex');
}

/** What is sent compressed is compressed once, here, as small as it gets. */
function compress() {
  for (const file of filesBelow(dist).filter((name) => /\.(?:js|css|svg)$/.test(name))) {
    const bytes = readFileSync(file);
    writeFileSync(`${file}.br`, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
    writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }));
  }
}

const now = digest();
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== now) {
  console.error('Building the web interface …');
  const { build } = await import('vite');
  await build({ configFile: join(root, 'web', 'vite.config.ts'), logLevel: 'warn' });
  compress();
  writeFileSync(stamp, now);
}
