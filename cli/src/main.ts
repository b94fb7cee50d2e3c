import { createInterface } from 'node:readline/promises';
import { text } from 'node:stream/consumers';
import { printable } from '@maestro/sdk/text-columns';
import { Command, CommanderError } from 'commander';
import { openApi } from './api.ts';
import { artifactCommands } from './artifact.ts';
import { auditCommands } from './audit.ts';
import { ciCommands } from './ci.ts';
import { completionCommands } from './completion.ts';
import type { CommandGroup, Context } from './context.ts';
import { experimentCommands } from './experiment.ts';
import { exitCodes, Failure } from './failure.ts';
import { gitCommands } from './git.ts';
import { grantCommands } from './grant.ts';
import { insightCommands } from './insight.ts';
import { keyCommands } from './key.ts';
import { loginCommands } from './login.ts';
import { metricsCommands } from './metrics.ts';
import { openOutput } from './output.ts';
import { predictCommands } from './predict.ts';
import { projectCommands } from './project.ts';
import { recommendCommands } from './recommend.ts';
import { roleCommands } from './role.ts';
import { rotateCommands } from './rotate.ts';
import { runCommands } from './run.ts';
import { secretsCommands } from './secrets.ts';
import { findServer } from './server.ts';
import { serviceAccountCommands } from './service_account.ts';
import { sessionCommands } from './session.ts';
import { signingKeyCommands } from './signing_key.ts';
import { switchCommands } from './switch.ts';
import { teamCommands } from './team.ts';
import { tenantCommands } from './tenant.ts';
import { userCommands } from './user.ts';

const help = `
Sign in with maestro login, or set MAESTRO_URL, and MAESTRO_TOKEN to an access token or an API key. On the machine that
holds Maestro's data directory neither is needed: commands use MAESTRO_DATA_DIR, or ./data where nobody has signed in.
What is done in a tenant (roles, grants, members, its audit) takes one of its members; the machine's own key makes keys
for them.

Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 no Maestro to reach.`;

async function ask(question: string): Promise<string | undefined> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await terminal.question(question);
  } finally {
    terminal.close();
  }
}

const groups: readonly CommandGroup[] = [
  loginCommands,
  tenantCommands,
  userCommands,
  projectCommands,
  roleCommands,
  grantCommands,
  serviceAccountCommands,
  keyCommands,
  sessionCommands,
  switchCommands,
  experimentCommands,
  runCommands,
  auditCommands,
  artifactCommands,
  signingKeyCommands,
  secretsCommands,
  rotateCommands,
  completionCommands,
  teamCommands,
  metricsCommands,
  gitCommands,
  ciCommands,
  recommendCommands,
  predictCommands,
  insightCommands,
];

/** Commands made by now take the settings of the one above only where they are copied. */
function settle(command: Command): void {
  for (const each of command.commands) settle(each.copyInheritedSettings(command));
}

function programOf(context: Context): Command {
  const program = new Command('maestro')
    .description(
      'Works with a Maestro: its experiments and runs, tenants, users, roles, keys, sessions and audit logs.',
    )
    .addHelpText('after', help)
    .exitOverride()
    .configureOutput({ outputError: (message, write) => write(message.replace(/^error: /, 'maestro: ')) });
  for (const addTo of groups) addTo(program, context);
  settle(program);
  return program;
}

/** Runs one command and gives the exit code. Nothing but the command's result reaches standard output. */
export async function run(words: readonly string[]): Promise<number> {
  // A reader that goes away (maestro key list | head) ends the output, not the command.
  process.stdout.on('error', () => undefined);
  const context: Context = {
    output: openOutput((piece, done) => process.stdout.write(piece, done)),
    note: (line) => process.stderr.write(`${printable(line)}\n`),
    terminal: process.stderr.isTTY
      ? { write: (text) => process.stderr.write(text), columns: () => process.stderr.columns ?? 80 }
      : undefined,
    environment: process.env,
    api: async () => openApi(await findServer(process.env)),
    ask,
    stdin: () => text(process.stdin),
  };
  try {
    await programOf(context).parseAsync([...words], { from: 'user' });
    return exitCodes.done;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    if (!(error instanceof Failure)) throw error;
    process.stderr.write(`maestro: ${printable(error.message)}\n`);
    return error.exitCode;
  }
}
