import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** The parts of V8's `.cpuprofile` that are read here. */
interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  readonly samples: readonly number[];
  /** Microseconds between samples. */
  readonly timeDeltas: readonly number[];
}

const shown = 40;

/** The package or the folder of the server that a script belongs to. */
function partOf(url: string): string {
  if (url === '') return '(engine)';
  if (url.startsWith('node:')) return 'node';
  const inPackage = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1];
  if (inPackage !== undefined) return inPackage;
  return `server/${/server\/src\/(.*)$/.exec(url)?.[1] ?? url}`;
}

function ranking(times: ReadonlyMap<string, number>, total: number, title: string): string {
  const rows = [...times].sort((a, b) => b[1] - a[1]).slice(0, shown);
  const lines = rows.map(([name, time]) => `  ${((time * 100) / total).toFixed(1).padStart(5)} %  ${name}`);
  return `${title}\n${lines.join('\n')}`;
}

/** Where the time of a profiled process went, by its own time: functions, then packages. Idle time is left out. */
export async function readProfile(directory: string): Promise<string> {
  const name = (await readdir(directory)).find((file) => file.endsWith('.cpuprofile'));
  if (name === undefined) return 'There is no CPU profile: the server did not end by itself.';
  const profile = JSON.parse(await readFile(path.join(directory, name), 'utf8')) as CpuProfile;
  const nodes = new Map(profile.nodes.map((node) => [node.id, node.callFrame]));
  const functions = new Map<string, number>();
  const parts = new Map<string, number>();
  let total = 0;
  for (const [index, id] of profile.samples.entries()) {
    const frame = nodes.get(id);
    const time = profile.timeDeltas[index] ?? 0;
    if (!frame || frame.functionName === '(idle)' || frame.functionName === '(program)') continue;
    total += time;
    const part = partOf(frame.url);
    const place = frame.url === '' ? '' : ` ${part}/${path.basename(frame.url)}:${frame.lineNumber + 1}`;
    const label = `${frame.functionName || '(anonymous)'}${place}`;
    functions.set(label, (functions.get(label) ?? 0) + time);
    parts.set(part, (parts.get(part) ?? 0) + time);
  }
  return `${ranking(functions, total, 'Own time by function')}\n\n${ranking(parts, total, 'Own time by part')}`;
}
