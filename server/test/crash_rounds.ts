import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, vi } from 'vitest';
import { identifyProcess } from '../src/process_identity.ts';
import {
  acknowledgedIn,
  call,
  expectKept,
  type Ledger,
  type Place,
  Refused,
  type Seen,
  writeUntilItFails,
} from './crash_load.ts';
import { type MaestroProcess, startMaestro } from './maestro.ts';

const writers = 6;

let root: string;
let dataDir: string;
let maestro: MaestroProcess | undefined;
let token = '';
let experimentId = '';
let ledgers: Ledger[] = [];

/** Before each test of kills: an empty data directory. */
export async function prepareCrashes(): Promise<void> {
  root = await mkdtemp(join(tmpdir(), 'maestro-crash-'));
  dataDir = join(root, 'data');
  ledgers = [];
}

/** After each: nothing runs, nothing is left. */
export async function clearCrashes(): Promise<void> {
  if (maestro?.child.exitCode === null && maestro.child.signalCode === null) await maestro.stop();
  maestro = undefined;
  await rm(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}

async function start(): Promise<{ maestro: MaestroProcess; place: Place }> {
  const process = startMaestro({ MAESTRO_DATA_DIR: dataDir, MAESTRO_LOG_LEVEL: 'fatal' }, root);
  maestro = process;
  const url = (await process.ready).replace('localhost', '127.0.0.1');
  const shown = /^export MLFLOW_TRACKING_TOKEN=(\S+)$/m.exec(process.stdout())?.[1];
  if (shown !== undefined) {
    token = shown;
    const made = await call<{ experiment_id: string }>({ url, token, experimentId: '' }, 'experiments/create', {
      name: 'killed',
    });
    experimentId = made.experiment_id;
  }
  return { maestro: process, place: { url, token, experimentId } };
}

const postmasterPid = async (): Promise<number> =>
  Number((await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8')).split('\n')[0]);

/** Writes until `kill` has ended the server, at a random moment. Only what a lost connection looks like may end them. */
async function writeAndKill(
  { maestro, place }: Awaited<ReturnType<typeof start>>,
  kill: () => Promise<void> | void,
  mayFail: (error: unknown) => boolean,
): Promise<void> {
  const writing = Array.from({ length: writers }, () =>
    writeUntilItFails(place, ledgers).catch((error: unknown) => {
      if (!mayFail(error)) throw error;
    }),
  );
  const before = acknowledgedIn(ledgers);
  const enough = before + 20 + Math.random() * 60;
  await vi.waitUntil(() => acknowledgedIn(ledgers) > enough, { timeout: 30_000, interval: 5 });
  await delay(Math.random() * 20);
  await kill();
  await Promise.all([...writing, maestro.ended]);
}

/** fetch throws a TypeError when the connection is lost; anything the server itself said is a fault. */
const connectionWasLost = (error: unknown): boolean => error instanceof TypeError;

/** What was left over of uploads that were cut off is gone, too. */
async function expectNoDraftFiles(): Promise<void> {
  const names = await readdir(join(dataDir, 'files'), { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile()).map(({ name }) => name);
  expect(files.filter((name) => !/^file \d\.bin$/.test(name))).toEqual([]);
}

/** The load was one: of every kind of write, more than the rounds there were. */
function expectLoad(seen: Seen, rounds: number): void {
  for (const [kind, number] of Object.entries(seen)) expect(number, kind).toBeGreaterThan(rounds);
}

/** Kills the server under load, `rounds` times; what it acknowledged must be there, and what is there whole. */
export async function survivesKills(rounds: number): Promise<void> {
  let checked = 0;
  for (let round = 0; round < rounds; round++) {
    const started = await start();
    await expectKept(started.place, ledgers.slice(checked));
    checked = ledgers.length;
    await writeAndKill(started, () => void started.maestro.child.kill('SIGKILL'), connectionWasLost);
  }
  const { place } = await start();
  expectLoad(await expectKept(place, ledgers), rounds);
  await expectNoDraftFiles();
}

/** The same, with PostgreSQL killed at once with it. */
export async function survivesKillsOfBoth(rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    const started = await start();
    const postmaster = await postmasterPid();
    const kill = (): void => {
      for (const pid of round % 2 ? [postmaster, started.maestro.pid] : [started.maestro.pid, postmaster]) {
        process.kill(pid, 'SIGKILL');
      }
    };
    // The server may still have answered that its database was gone.
    await writeAndKill(started, kill, (error) => connectionWasLost(error) || isServerFault(error));
  }
  expectLoad(await expectKept((await start()).place, ledgers), rounds);
}

/** The same, with PostgreSQL killed alone: the server says so and ends with 1. */
export async function survivesKillsOfPostgres(rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    const started = await start();
    const postmaster = await postmasterPid();
    const kill = (): void => void process.kill(postmaster, 'SIGKILL');
    await writeAndKill(started, kill, (error) => connectionWasLost(error) || isServerFault(error));
    expect(await started.maestro.ended).toEqual({ code: 1, signal: null });
    expect(started.maestro.stderr()).toContain('Maestro stops: PostgreSQL was ended by SIGKILL.');
    expect(identifyProcess(postmaster)).toBeUndefined();
  }
  expectLoad(await expectKept((await start()).place, ledgers), rounds);
}

function isServerFault(error: unknown): boolean {
  return error instanceof Refused && error.status >= 500;
}
