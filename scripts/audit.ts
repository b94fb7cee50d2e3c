// npm run audit: asks the registry's advisory service about every package of package-lock.json.
// Exit status: 0 nothing is known, 1 weaknesses are known, 3 the service cannot be reached.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import process from 'node:process';

interface Report {
  readonly auditReportVersion?: number;
  readonly message?: string;
  readonly vulnerabilities?: Readonly<Record<string, Vulnerability>>;
}
interface Vulnerability {
  readonly name: string;
  readonly severity: string;
  /** An advisory, or the name of another package that has one. */
  readonly via: readonly (string | { readonly title: string; readonly url: string; readonly range: string })[];
}

const npm = process.env.npm_execpath;
const [program, first] = npm ? [process.execPath, [npm]] : ['npm', []];
const patience = ['--fetch-timeout=20000', '--fetch-retries=1', '--fetch-retry-mintimeout=500'];
const { stdout } = spawnSync(program, [...first, 'audit', '--json', '--package-lock-only', ...patience], {
  cwd: path.resolve(import.meta.dirname, '..'),
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'ignore'],
  maxBuffer: 2 ** 28,
});
const report = parsed(stdout);
if (report?.auditReportVersion === undefined) {
  console.error(`The advisory service cannot be reached, so nothing is known about weaknesses (${reasonOf(report)}).`);
  process.exit(3);
}
const advisories = Object.values(report.vulnerabilities ?? {}).flatMap(({ name, severity, via }) =>
  via.flatMap((one) =>
    typeof one === 'string' ? [] : [`${name} ${one.range}: ${severity}: ${one.title} (${one.url})`],
  ),
);
for (const advisory of advisories) console.error(advisory);
if (advisories.length > 0) process.exitCode = 1;
else console.log('No weakness is known in the packages of package-lock.json.');

function parsed(text: string | null): Report | undefined {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}

/** One line of what npm says, without an address that may hold a password. */
function reasonOf(report: Report | undefined): string {
  return (report?.message ?? 'npm gives no report').split('\n')[0]?.replace(/https?:\/\/\S+/g, 'the registry') ?? '';
}
