import { pino } from 'pino';
import { type Application, openApplication } from './application.ts';
import { takeChangedLogins } from './changed_logins.ts';
import { type Config, ConfigError, parseConfig, type Secrets } from './config.ts';
import { type DataDir, openDataDir } from './data_dir.ts';

import { prepareSchema, startDatabase } from './db/start.ts';
import { loadEnvironmentFile } from './environment_file.ts';
import { Lifecycle } from './lifecycle.ts';
import { checkPortIsFree, closeInTime, listen, localUrlOf, publicUrlOf } from './listen.ts';
import { announceFirstStart, printLine } from './terminal.ts';

const lifecycle = new Lifecycle();

try {
  loadEnvironmentFile();
  const { config, secrets } = parseConfig(process.env);
  await start(config, secrets);
} catch (error) {
  if (error instanceof ConfigError) console.error(error.message);
  else console.error(`Maestro did not start. ${error instanceof Error ? error.message : String(error)}`);
  await lifecycle.stop(1);
}

async function start(config: Config, secrets: Secrets): Promise<void> {
  const log = pino({ level: config.logLevel }, pino.destination({ dest: 2, sync: true }));
  lifecycle.handleSignals(log);
  const dataDir = await lifecycle.step(openDataDir(config.dataDir), (open) => open.close());
  lifecycle.onStop(() => dataDir.announceStop());
  await lifecycle.step(checkPortIsFree(config.listen));

  const postgresLog = log.child({ part: 'postgres' });
  const logPostgres = (line: string): void => {
    if (/^(FATAL|PANIC)/.test(line)) postgresLog.error(line);
    else postgresLog.debug(line);
  };
  const database = await lifecycle.step(
    startDatabase(secrets.database, dataDir, { progress: printLine, log: logPostgres }),
    (running, patienceMs) => running.stop(patienceMs),
  );
  void database.crashed.then((end) => lifecycle.fail(log, `PostgreSQL ${end}`));
  await lifecycle.step(prepareSchema(database.logins, printLine));

  const application = await lifecycle.step(
    openApplication({
      config,
      secrets,
      dataDir,
      database,
      log,
      issuer: publicUrlOf(config, config.listen.port),
    }),
    closeInTime,
  );
  const readDatabase = () => parseConfig(process.env).secrets.database;
  takeChangedLogins({ secrets: secrets.database, read: readDatabase, dataDir, application, log });
  await serve(config, dataDir, application);
}

async function serve(config: Config, dataDir: DataDir, application: Application): Promise<void> {
  const port = await lifecycle.step(listen(application.app, config.listen));
  const url = publicUrlOf(config, port);
  application.reachedAt(url);
  // For the command line on this machine: its operator key takes no way round over the network where it need not.
  // With TLS the certificate names the public address.
  const local = config.listen.tls ? url : localUrlOf(config, port);
  await lifecycle.step(dataDir.announce({ pid: process.pid, url: local }));
  const { firstStart } = application;
  if (firstStart !== undefined && (await announceFirstStart(url, firstStart))) await application.forgetFirstStart();
  printLine(`Maestro is ready: ${url}`);
}
