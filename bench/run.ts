// npm run bench: the same load on Maestro and on the genuine MLflow server, on one PostgreSQL, in one go.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { busyShare, describeCosts, readCosts } from './costs.ts';
import { Generator } from './generator.ts';
import type { Figures } from './load.ts';
import { readProfile } from './profile.ts';
import { type Results, renderReport, renderTable } from './report.ts';
import { mixed, scenarios } from './scenarios.ts';
import { type Bench, type RunningServer, startMaestro, startMlflow, startPostgres } from './servers.ts';

const usage = `Usage: npm run bench -- [options]
  --seconds <n>       length of each stretch of load (default 4)
  --rounds <n>        stretches of each scenario and server, in turn (default 3)
  --connections <n>   calls under way at once (default 16)
  --only <a,b>        these scenarios: ${scenarios.map(({ name }) => name).join(', ')}, mixed, crowd, sign_in_flood
  --quick             one round of 2 seconds
  --embedded          also Maestro on its embedded PostgreSQL
  --maestro-only      without the genuine server: no ratios
  --profile           Maestro alone, with a CPU profile: where its time and PostgreSQL's goes, scenario by scenario

A full run writes PERFORMANCE_RESULTS.md; one with --only, --quick, --maestro-only or --profile only prints.`;

function readOptions() {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string' },
      rounds: { type: 'string' },
      connections: { type: 'string', default: '16' },
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      embedded: { type: 'boolean', default: false },
      'maestro-only': { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
    },
  });
  const known = [...scenarios.map(({ name }) => name), mixed.name, 'crowd', 'sign_in_flood'];
  const only = values.only?.split(',');
  for (const name of only ?? []) if (!known.includes(name)) throw new Error(`no scenario ${name}`);
  const number = (text: string, name: string): number => {
    const value = Number(text);
    if (!(value > 0)) throw new Error(`--${name}: expected a number above 0, got ${text}`);
    return value;
  };
  return {
    seconds: number(values.seconds ?? (values.quick ? '2' : '4'), 'seconds'),
    rounds: Math.ceil(number(values.rounds ?? (values.quick || values.profile ? '1' : '3'), 'rounds')),
    connections: number(values.connections, 'connections'),
    wants: (name: string) => only === undefined || only.includes(name),
    embedded: values.embedded,
    maestroOnly: values['maestro-only'] || values.profile,
    profile: values.profile,
    writes: only === undefined && !values.quick && !values['maestro-only'] && !values.profile,
  };
}

type Options = ReturnType<typeof readOptions>;

interface Peer {
  readonly server: RunningServer;
  readonly generator: Generator;
}

/** Stretches of one scenario and server, as one. */
function together(stretches: readonly Figures[]): Figures {
  const sum = (of: (figures: Figures) => number) => stretches.reduce((total, figures) => total + of(figures), 0);
  const mean = (of: (figures: Figures) => number) => sum(of) / stretches.length;
  const firstError = stretches.find((figures) => figures.firstError)?.firstError;
  return {
    requests: sum(({ requests }) => requests),
    seconds: sum(({ seconds }) => seconds),
    p50: mean(({ p50 }) => p50),
    p95: mean(({ p95 }) => p95),
    p99: mean(({ p99 }) => p99),
    errors: sum(({ errors }) => errors),
    ...(firstError === undefined ? {} : { firstError }),
  };
}

/** One scenario on all peers in turn, so that whatever else the machine does meets them alike. */
async function compare(peers: readonly Peer[], scenario: string, options: Options): Promise<Record<string, Figures>> {
  const stretches = new Map<string, Figures[]>(peers.map(({ server }) => [server.name, []]));
  for (let round = 0; round < options.rounds; round += 1) {
    for (const { server, generator } of peers) {
      stretches.get(server.name)?.push(await generator.run(scenario, options));
    }
  }
  return Object.fromEntries([...stretches].map(([name, figures]) => [name, together(figures)]));
}

async function profileScenarios({ server, generator }: Peer, postgres: Bench, options: Options): Promise<void> {
  const pids = { maestro: server.pid ?? 0, postgres: postgres.pid, load: generator.pid };
  for (const { name } of [...scenarios, mixed]) {
    if (!options.wants(name)) continue;
    await postgres.takeStatements();
    const before = await readCosts(pids);
    const figures = await generator.run(name, options);
    const after = await readCosts(pids);
    console.log(`${name}: ${rate(figures)}; ${describeCosts(before, after, figures)}`);
    for (const { text, calls, seconds } of await postgres.takeStatements()) {
      const each = ((seconds * 1e6) / figures.requests).toFixed(0).padStart(7);
      console.log(`${each} µs a request in ${calls} calls: ${text.replace(/\s+/g, ' ').slice(0, 150)}`);
    }
  }
}

async function main(options: Options): Promise<void> {
  const busy = await busyShare();
  if (busy > 0.1) {
    console.error(
      `Other programs take ${Math.round(busy * 100)} % of this machine. MLflow's many processes get their share of the rest ` +
        'before one process of Maestro does: the ratios come out too low.',
    );
  }
  const postgres = await startPostgres({ counts: options.profile });
  const peers: Peer[] = [];
  const profileDirectory = options.profile ? await mkdtemp(path.join(tmpdir(), 'maestro-profile-')) : undefined;
  // Without its generators a run fails, and stops what it started.
  const interrupt = () => {
    for (const { generator } of peers) generator.stop();
  };
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  const join = async (starting: Promise<RunningServer>) => {
    const server = await starting;
    console.error(`${server.name} ${server.version} runs; writing what the scenarios work on …`);
    try {
      peers.push({ server, generator: await Generator.start(server) });
    } catch (error) {
      await server.stop();
      throw error;
    }
  };
  try {
    if (!options.maestroOnly) await join(startMlflow(await postgres.createDatabase('mlflow')));
    const nodeArguments = profileDirectory ? ['--cpu-prof', `--cpu-prof-dir=${profileDirectory}`] : [];
    await join(startMaestro({ database: await postgres.createDatabase('maestro'), nodeArguments }));
    const maestro = peers.at(-1) as Peer;
    if (options.embedded) await join(startMaestro({ name: 'maestro_embedded' }));

    if (profileDirectory) {
      await profileScenarios(maestro, postgres, options);
      await maestro.server.stop();
      console.log(await readProfile(profileDirectory));
      return;
    }

    const results: Results = {
      postgres: postgres.version,
      servers: peers.map(({ server: { name, version } }) => ({ name, version })),
      seconds: options.seconds,
      rounds: options.rounds,
      connections: options.connections,
      busyShare: busy,
      compared: [],
      notes: [],
    };
    for (const { name, items, target } of [...scenarios, mixed]) {
      if (!options.wants(name)) continue;
      const figures = await compare(peers, name, options);
      results.compared.push({ name, items, target, figures });
      console.log(renderTable(results.compared.slice(-1), results.compared.length === 1));
    }
    if (options.wants('crowd')) results.notes.push(await crowd(maestro, options));
    if (options.wants('sign_in_flood')) results.notes.push(await signInFlood(maestro, options));
    for (const note of results.notes) console.log(note);
    if (options.writes) await writeFile('PERFORMANCE_RESULTS.md', renderReport(results));
  } finally {
    for (const { server, generator } of peers) {
      generator.stop();
      await server.stop();
    }
    await postgres.stop();
    if (profileDirectory) await rm(profileDirectory, { recursive: true, force: true });
  }
}

const rate = ({ requests, seconds }: Figures): string => `${(requests / seconds).toFixed(0)}/s`;

/** 500 connections at once: nothing may fail, it may only wait. */
async function crowd({ generator }: Peer, { seconds }: Options): Promise<string> {
  const figures = await generator.run(mixed.name, { seconds: seconds * 2, connections: 500 });
  const first = figures.firstError ? ` (the first: ${figures.firstError})` : '';
  return (
    `**500 connections at once**, mixed load on Maestro: ${rate(figures)}, ${figures.errors} errors${first}; ` +
    `half waited less than ${figures.p50.toFixed(0)} ms, 99 % less than ${figures.p99.toFixed(0)} ms.`
  );
}

/** What a flood of wrong passwords takes from those who log metrics. */
async function signInFlood({ server, generator }: Peer, { seconds, connections }: Options): Promise<string> {
  const flooder = await Generator.start(server);
  try {
    const alone = await generator.run('log_metric', { seconds, connections });
    const [beside, flood] = await Promise.all([
      generator.run('log_metric', { seconds, connections }),
      flooder.floodSignIn({ seconds, connections: 32 }),
    ]);
    const answers = Object.entries(flood.answers).map(([status, count]) => `${count} × ${status}`);
    return (
      `**A flood of wrong passwords** on 32 connections (${answers.join(', ')}; ${flood.errors} errors): log_metric ` +
      `${rate(alone)} without it, ${rate(beside)} with it, ${beside.errors} errors.`
    );
  } finally {
    flooder.stop();
  }
}

let options: Options;
try {
  options = readOptions();
} catch (error) {
  console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  process.exit(1);
}
await main(options);
