// npm run db -- up | down [count] | redo | status | dry-run | types
import { writeFileSync } from 'node:fs';
import { ConfigError } from '../server/src/config.ts';
import { configure } from '../server/src/configure.ts';
import { openDataDir } from '../server/src/data_dir.ts';
import {
  migrateDown,
  migrateUp,
  migrationPlan,
  migrationStatus,
  migrationsDirectory,
} from '../server/src/db/migrate.ts';
import { grantRights, withClient } from '../server/src/db/roles.ts';
import { startDatabase } from '../server/src/db/start.ts';
import { tableTypes } from '../server/src/db/table_types.ts';
import { loadEnvironmentFile } from '../server/src/environment_file.ts';

const usage = `Usage: npm run db -- <command>
  status         which migrations are applied, and which are not
  up             apply those that are not
  down [count]   revert the last one, or the last <count>; what only they held is lost
  redo           revert the last one and apply it again
  dry-run        show the SQL that up would run
  types          write server/src/db/tables.ts from the catalogue`;

const [command = '', count = '1'] = process.argv.slice(2);
if (!['status', 'up', 'down', 'redo', 'dry-run', 'types'].includes(command) || !/^[1-9]\d{0,3}$/.test(count)) {
  console.error(usage);
  process.exit(1);
}

try {
  loadEnvironmentFile();
  // Whoever migrates a database serves nobody, and need not hold the keys that production must be given.
  const { config, secrets, store } = await configure({ ...process.env, MAESTRO_ENV: 'development' });
  store.close();
  const dataDir = await openDataDir(config.dataDir);
  try {
    const reports = { progress: (step: string) => console.error(step), log: () => undefined };
    const database = await startDatabase(secrets.database, dataDir, reports);
    try {
      await run(database.logins);
    } finally {
      await database.stop();
    }
  } finally {
    await dataDir.close();
  }
} catch (error) {
  console.error(error instanceof ConfigError || error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

async function run({ owner, server, system }: Awaited<ReturnType<typeof startDatabase>>['logins']): Promise<void> {
  const rights = { serverRole: server.user ?? '', systemRole: system.user ?? '' };
  await withClient(owner, async (client) => {
    if (command === 'status') {
      const { applied, pending, unknown } = await migrationStatus(client);
      for (const name of applied) console.log(`${unknown.includes(name) ? 'unknown' : 'applied'}  ${name}`);
      for (const name of pending) console.log(`pending  ${name}`);
    } else if (command === 'dry-run') {
      console.log((await migrationPlan(client)) || '-- nothing to apply');
    } else if (command === 'types') {
      writeFileSync(new URL('../server/src/db/tables.ts', import.meta.url), await tableTypes(client));
    } else {
      if (command !== 'up') tell('reverted', await migrateDown(client, migrationsDirectory, Number(count)));
      if (command !== 'down') {
        tell('applied', await migrateUp(client));
        await grantRights(client, rights);
      }
    }
  });
}

function tell(what: string, names: readonly string[]): void {
  if (names.length === 0) console.log(`nothing ${what}`);
  for (const name of names) console.log(`${what}  ${name}`);
}
