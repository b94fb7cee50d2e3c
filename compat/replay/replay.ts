/**
 * Replays every case against a genuine `mlflow server` and a running Maestro and names each difference.
 *
 *     npm run compat -- [options]
 *
 * Without MLFLOW_TRACKING_URI and MLFLOW_TRACKING_TOKEN it starts a Maestro of its own. Exit status 1 when a difference is not among the expected ones.
 */
import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { startTwoTenants } from '../two_tenants.ts';
import { areas } from './areas.ts';
import type { Area } from './case.ts';
import { startGenuine } from './genuine.ts';
import { startGenuineDatabases } from './genuine_database.ts';
import type { Seen } from './normalise.ts';
import { idOf, type Played, playArea } from './play.ts';
import { fingerprint, type Recorded, readRecorded, writeRecorded } from './recorded.ts';
import { judge, reportOf, type Verdict } from './report.ts';
import type { Side } from './wire.ts';

const usage = `Usage: npm run compat -- [options]
  --area NAME        only this area, repeatable: ${areas.map((area) => area.name).join(', ')}
  --recorded         compare with the recorded answers instead of a live genuine server
  --record           replay against the genuine server alone and write its answers to recorded.jsonl
  --backend NAME     what the genuine server stores in: postgres (the default) or sqlite
  --soft             list differences of wording and media type as well
  --expected         list the expected differences as well
Environment: MLFLOW_TRACKING_URI and MLFLOW_TRACKING_TOKEN of a running Maestro (default: one is started),
MAESTRO_COMPAT_VENV (default .venv; made by \`node scripts/python_env.mjs\`).`;

const { values: options } = parseArgs({
  options: {
    area: { type: 'string', multiple: true },
    recorded: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
    backend: { type: 'string', default: 'postgres' },
    soft: { type: 'boolean', default: false },
    expected: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const uniqueName = () => `u${randomBytes(4).toString('hex')}`;

/** What is to be ended, last first, whether all goes well or not. */
const running: (() => Promise<void>)[] = [];

async function stopAll(): Promise<void> {
  for (let stop = running.pop(); stop !== undefined; stop = running.pop()) await stop();
}

/** The genuine answers of the chosen areas, from a server without and one with workspaces as an area needs. */
async function playGenuine(chosen: Area[]): Promise<{ version: string; played: Played[] }> {
  const databases = options.backend === 'sqlite' ? undefined : await startGenuineDatabases();
  if (databases) running.push(() => databases.stop());
  const played: Played[] = [];
  let version = '';
  for (const workspaces of [false, true]) {
    const wanted = chosen.filter((area) => Boolean(area.workspaces) === workspaces);
    if (wanted.length === 0) continue;
    console.error(`Starting the genuine server${workspaces ? ' with workspaces' : ''} …`);
    const backend = await databases?.create(workspaces ? 'genuine_workspaces' : 'genuine');
    const genuine = await startGenuine({ workspaces, ...(backend ? { backend } : {}) });
    running.push(() => genuine.stop());
    version = genuine.version;
    for (const area of wanted) played.push(...(await playArea(area, { url: genuine.url, headers: {} }, uniqueName())));
  }
  await stopAll();
  return { version, played };
}

async function record(): Promise<void> {
  const { version, played } = await playGenuine(areas);
  const recorded: Recorded = { mlflow: version, backend: options.backend, answers: new Map() };
  for (const p of played) recorded.answers.set(p.id, { request: fingerprint(p.case), seen: p.seen });
  writeRecorded(recorded);
  console.log(`${played.length} answers of mlflow ${version} recorded`);
}

async function genuineAnswers(chosen: Area[]): Promise<Map<string, Seen>> {
  if (!options.recorded) return new Map((await playGenuine(chosen)).played.map((p) => [p.id, p.seen]));
  const recorded = readRecorded();
  const answers = new Map<string, Seen>();
  for (const area of chosen) {
    for (const c of area.cases) {
      const kept = recorded.answers.get(idOf(area, c));
      if (kept?.request === fingerprint(c)) answers.set(idOf(area, c), kept.seen);
      else console.error(`not recorded as it now stands: ${idOf(area, c)} (run with --record)`);
    }
  }
  return answers;
}

/** Where Maestro is: the one of the environment, or one started for this. */
async function maestroSide(): Promise<Side> {
  const { MLFLOW_TRACKING_URI: url, MLFLOW_TRACKING_TOKEN: token } = process.env;
  if (url && token) return { url: url.replace(/\/$/, ''), headers: { authorization: `Bearer ${token}` } };
  console.error('Starting Maestro …');
  const maestro = await startTwoTenants();
  running.push(() => maestro.stop());
  return { url: maestro.url, headers: { authorization: `Bearer ${maestro.defaultKey}` } };
}

async function replay(chosen: Area[]): Promise<boolean> {
  const genuine = await genuineAnswers(chosen);
  const side = await maestroSide();
  const verdicts: Verdict[] = [];
  for (const area of chosen) {
    for (const p of await playArea(area, side, uniqueName())) {
      const answer = genuine.get(p.id);
      if (answer) verdicts.push(judge(p.id, answer, p.seen));
    }
  }
  console.log(reportOf(verdicts, options));
  return verdicts.every((verdict) => verdict.faults.length === 0);
}

async function main(): Promise<void> {
  if (options.help) return console.log(usage);
  if (options.record) return record();
  const unknown = options.area?.filter((name) => !areas.some((area) => area.name === name)) ?? [];
  if (unknown.length > 0) throw new Error(`No such area: ${unknown.join(', ')}\n${usage}`);
  const chosen = areas.filter((area) => options.area === undefined || options.area.includes(area.name));
  if (!(await replay(chosen))) process.exitCode = 1;
}

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void stopAll().then(() => process.exit(130)));
try {
  await main();
} finally {
  await stopAll();
}
