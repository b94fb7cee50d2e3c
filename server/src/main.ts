import { pino } from 'pino';
import { type Application, openApplication } from './application.ts';
import { takeChangedKeys } from './changed_keys.ts';
import { takeChangedLogins } from './changed_logins.ts';
import { connectionsInClear } from './clear_connections.ts';
import { type Config, ConfigError } from './config.ts';
import { type Configured, configure } from './configure.ts';
import { type DataDir, openDataDir } from './data_dir.ts';

import { prepareSchema, startDatabase } from './db/start.ts';
import { loadEnvironmentFile } from './environment_file.ts';
import { Lifecycle } from './lifecycle.ts';
import { checkPortIsFree, closeInTime, listen, localUrlOf, publicUrlOf } from './listen.ts';
import type { HeldSecrets } from './ports/secrets.ts';
import { watchSecrets } from './ports/secrets_watch.ts';
import { announceFirstStart, printLine } from './terminal.ts';
import { openTls, type Tls } from './tls/tls.ts';

const lifecycle = new Lifecycle();

try {
  loadEnvironmentFile();
  await start(await configure(process.env));
} catch (error) {
  if (error instanceof ConfigError) console.error(error.message);
  else console.error(`Maestro did not start. ${error instanceof Error ? error.message : String(error)}`);
  await lifecycle.stop(1);
}

async function start({ config, secrets, store, held, secretsOf }: Configured): Promise<void> {
  const log = pino({ level: config.logLevel }, pino.destination({ dest: 2, sync: true }));
  lifecycle.handleSignals(log);
  const { refreshSeconds, maxAgeSeconds } = config.secretStore;
  const onTooOld = (reason: string) => lifecycle.fail(log, reason);
  const secretWatch = watchSecrets({ store, held, check: secretsOf, refreshSeconds, maxAgeSeconds, log, onTooOld });
  await lifecycle.step(Promise.resolve(secretWatch), (watch) => watch.close());
  const dataDir = await lifecycle.step(openDataDir(config.dataDir), (open) => open.close());
  lifecycle.onStop(() => dataDir.announceStop());
  await lifecycle.step(checkPortIsFree(config.listen.host, config.listen.port, 'MAESTRO_PORT'));
  let url = publicUrlOf(config, config.listen.port);
  const tls = await lifecycle.step(openTls({ config, log, target: () => url }), async (open) => open?.close());

  for (const sentence of connectionsInClear(secrets)) log.warn(sentence);
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
      secretWatch,
      dataDir,
      database,
      log,
      issuer: url,
      tls: tls?.certificates.current(),
    }),
    closeInTime,
  );
  const read = (next: HeldSecrets) => secretsOf(next).database;
  takeChangedLogins({ secrets: secrets.database, read, secretWatch, dataDir, application, log });
  const readKeys = (next: HeldSecrets) => secretsOf(next).security;
  takeChangedKeys({ secrets: secrets.security, read: readKeys, secretWatch, application, log });
  url = await serve(config, dataDir, application, tls);
}

/** Gives the address to give to people. */
async function serve(config: Config, dataDir: DataDir, application: Application, tls: Tls | undefined) {
  const { port, servers } = await lifecycle.step(listen(application.app, config.listen));
  tls?.serve(servers);
  const url = publicUrlOf(config, port);
  application.reachedAt(url);
  const trust = tls?.certificates.trust;
  // For the command line on this machine: its operator key takes no way round over the network where it need not.
  // A certificate from elsewhere names the public address alone.
  const local = config.listen.tls && trust === undefined ? url : localUrlOf(config, port);
  await lifecycle.step(dataDir.announce({ pid: process.pid, url: local, ...(trust ? { ca: trust.authority } : {}) }));
  const { firstStart } = application;
  if (firstStart !== undefined && (await announceFirstStart(url, firstStart, trust?.bundle)))
    await application.forgetFirstStart();
  if (trust !== undefined) printLine(`Clients trust it by ${trust.authority}`);
  printLine(`Maestro is ready: ${url}`);
  return url;
}
