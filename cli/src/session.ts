import type { CommandGroup, Context } from './context.ts';
import { Failure } from './failure.ts';
import { minute } from './output.ts';

export interface Session {
  id: string;
  device: string;
  address: string;
  is_current: boolean;
  created_at: string;
  last_seen_at: string;
  expires_at: string;
}

export function showSessions({ output }: Pick<Context, 'output'>, sessions: readonly Session[]): void {
  const rows = sessions.map((session) => [
    session.device || null,
    session.address || null,
    session.is_current ? 'yes' : 'no',
    minute(session.created_at),
    minute(session.last_seen_at),
    minute(session.expires_at),
    session.id,
  ]);
  const headings = ['DEVICE', 'ADDRESS', 'THIS ONE', 'SIGNED IN (UTC)', 'LAST SEEN', 'ENDS', 'ID'];
  output.table(headings, rows, 'No sessions.');
}

export const sessionCommands: CommandGroup = (program, context) => {
  const { output, api } = context;
  const group = program
    .command('session')
    .description('your own sessions, after maestro login. Of others: maestro user');

  /** A key signs in nobody. */
  const signedIn = async () => {
    const client = await api();
    if (!client.server.isOperatorKey) return client;
    throw new Failure(
      "The operator key has no sessions: see 'maestro user sessions' for those of a user, or sign in with 'maestro login'.",
    );
  };

  group
    .command('list')
    .description('list your sessions, the newest first')
    .option('--json', 'print an array')
    .action(async (options: { json?: true }) => {
      const sessions = await (await signedIn()).all<Session>('/auth/sessions');
      if (options.json) output.json(sessions);
      else showSessions(context, sessions);
    });

  group
    .command('end')
    .description('end one of your sessions: its tokens are refused from the next request on')
    .argument('<id>')
    .option('--json', 'print {"id"}')
    .action(async (id: string, options: { json?: true }) => {
      await (await signedIn()).call('DELETE', `/auth/sessions/${encodeURIComponent(id)}`);
      if (options.json) output.json({ id });
      else output.line(`Ended session ${id}.`);
    });

  group
    .command('end-all')
    .description('end all your sessions')
    .option('--others', 'all but the one of this token')
    .option('--json', 'print {"ended"}')
    .action(async (options: { others?: true; json?: true }) => {
      const body = options.others ? { others_only: true } : {};
      const { ended } = await (await signedIn()).call<{ ended: number }>('POST', '/auth/logout-all', { body });
      if (options.json) output.json({ ended });
      else output.line(`Ended ${ended} ${ended === 1 ? 'session' : 'sessions'}.`);
    });
};
