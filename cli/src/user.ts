import type { Command } from 'commander';
import { confirm } from './confirm.ts';
import type { CommandGroup } from './context.ts';
import { erasureOf, showErasure } from './erasure.ts';
import { exitCodes, Failure } from './failure.ts';
import { inTenant, yes } from './options.ts';
import { minute } from './output.ts';
import { type Invitation, invitationNamed, type Member, userIdOf } from './people.ts';
import { ownPlaceIn } from './place.ts';
import { saveWhole } from './save.ts';
import { type Session, showSessions } from './session.ts';
import { wholeLines } from './whole_lines.ts';

interface User {
  id: string;
  email: string;
  name: string;
  is_operator: boolean;
  is_active: boolean;
  created_at: string;
  password?: string;
}

interface AddOptions {
  name?: string;
  tenant?: string;
  role?: string;
  operator?: true;
  passwordStdin?: true;
  sendInvitation?: true;
  json?: true;
}

interface ChangeOptions {
  name?: string;
  operator?: boolean;
}

type Json = { json?: true };

export const userCommands: CommandGroup = (program, context) => {
  const { output, api, stdin } = context;
  const group = program.command('user').description('people who sign in; for operators, unless said otherwise');
  const yesNo = (flag: boolean) => (flag ? 'yes' : 'no');
  const readPassword = async () => (await stdin()).replace(/\r?\n$/, '');
  const one = (command: Command): Command => command.argument('<who>', 'e-mail address or id');
  const path = (id: string) => `/users/${encodeURIComponent(id)}`;

  group
    .command('add')
    .description('make a user; a generated password is shown this once')
    .argument('<email>')
    .option('--name <name>', 'name for people')
    .option('--tenant <slug>', 'make the user a member of this tenant')
    .option('--role <role>', 'role there (default: data_scientist)')
    .option('--operator', 'let the user manage tenants and users')
    .option('--password-stdin', 'read the password from standard input instead of generating one')
    .option('--send-invitation', 'mail the user a link to set the first password; nobody else knows one')
    .option('--json', 'print {"id", "email"}, and "password" where it was generated')
    .action(async (email: string, options: AddOptions) => {
      const { name, tenant, role, operator, passwordStdin, sendInvitation } = options;
      if (passwordStdin && sendInvitation) {
        throw new Failure('Give --password-stdin or --send-invitation, not both.', exitCodes.usage);
      }
      if (role !== undefined && tenant === undefined) {
        throw new Failure('--role needs --tenant: a role is one in a tenant.', exitCodes.usage);
      }
      const { call } = await api();
      const password = passwordStdin ? await readPassword() : undefined;
      const body = {
        email,
        ...(name === undefined ? {} : { name }),
        ...(tenant === undefined ? {} : { tenant }),
        ...(role === undefined ? {} : { role }),
        ...(operator ? { is_operator: true } : {}),
        ...(password === undefined ? {} : { password }),
        ...(sendInvitation ? { send_invitation: true } : {}),
      };
      const user = await call<User>('POST', '/users', { body });
      const secret = user.password === undefined ? {} : { password: user.password };
      if (options.json) return output.json({ id: user.id, email: user.email, ...secret });
      output.line(`Made user ${user.email} (${user.id}).`);
      if (user.password !== undefined) output.line(`Password, shown this once: ${user.password}`);
    });

  group
    .command('list')
    .description('list all users; or the members of a tenant, for its administrators')
    .option('--tenant <slug>', 'the members of this tenant, with their roles')
    .option('--json', 'print an array')
    .action(async (options: { tenant?: string } & Json) => {
      const client = await api();
      if (options.tenant !== undefined) {
        const members = await ownPlaceIn(client, options.tenant).all<Member>('/members');
        if (options.json) return output.json(members);
        const rows = members.map((member) => [
          member.email,
          member.name || null,
          member.role,
          yesNo(member.is_active),
          minute(member.joined_at),
          member.user_id,
        ]);
        return output.table(['E-MAIL', 'NAME', 'ROLE', 'ACTIVE', 'JOINED (UTC)', 'ID'], rows, 'No members.');
      }
      const users = await client.all<User>('/users');
      if (options.json) return output.json(users);
      const rows = users.map((user) => [
        user.email,
        user.name || null,
        yesNo(user.is_operator),
        yesNo(user.is_active),
        minute(user.created_at),
        user.id,
      ]);
      output.table(['E-MAIL', 'NAME', 'OPERATOR', 'ACTIVE', 'CREATED (UTC)', 'ID'], rows, 'No users.');
    });

  group
    .command('invite')
    .description(
      'mail somebody a link into a tenant, for its administrators; whether they have an account shows nowhere',
    )
    .argument('<email>')
    .requiredOption(...inTenant)
    .option('--role <role>', 'what they may do there', 'data_scientist')
    .option('--json', 'print {"id", "email", "role", "expires_at"}')
    .action(async (email: string, options: { tenant: string; role: string } & Json) => {
      const { call } = ownPlaceIn(await api(), options.tenant);
      const made = await call<Invitation & { delivery: string }>('POST', '/members/invite', {
        email,
        role: options.role,
      });
      const { id, role, expires_at } = made;
      if (options.json) output.json({ id, email: made.email, role, expires_at });
      else
        output.line(
          `Invited ${made.email} into tenant ${options.tenant}, role ${role}, until ${minute(expires_at)} UTC.`,
        );
      if (!options.json && made.delivery === 'outbox') {
        output.line(
          'No mail server is configured: the mail with the link lies in outbox in the server’s data directory.',
        );
      }
    });

  group
    .command('invitations')
    .description('list the invitations into a tenant that can still be accepted, for its administrators')
    .requiredOption(...inTenant)
    .option('--json', 'print an array')
    .action(async (options: { tenant: string } & Json) => {
      const invitations = await ownPlaceIn(await api(), options.tenant).all<Invitation>('/invitations');
      if (options.json) return output.json(invitations);
      const rows = invitations.map(({ email, role, invited_by, created_at, expires_at, id }) => [
        email,
        role,
        invited_by,
        minute(created_at),
        minute(expires_at),
        id,
      ]);
      const headings = ['E-MAIL', 'ROLE', 'INVITED BY', 'SENT (UTC)', 'EXPIRES', 'ID'];
      output.table(headings, rows, `No open invitations into tenant ${options.tenant}.`);
    });

  one(group.command('withdraw-invitation'))
    .description('end an invitation into a tenant: its link opens nothing any more')
    .requiredOption(...inTenant)
    .option('--json', 'print {"id"}')
    .action(async (who: string, options: { tenant: string } & Json) => {
      const place = ownPlaceIn(await api(), options.tenant);
      const id = await invitationNamed(place, who);
      await place.call('DELETE', `/invitations/${id}`);
      if (options.json) output.json({ id });
      else output.line(`Withdrew the invitation of ${who}.`);
    });

  one(group.command('show'))
    .description('show a user')
    .option('--json', 'print an object')
    .action(async (who: string, options: Json) => {
      const client = await api();
      const user = await client.call<User>('GET', path(await userIdOf(client, who)));
      if (options.json) return output.json(user);
      output.fields([
        ['E-mail', user.email],
        ['Name', user.name || null],
        ['Id', user.id],
        ['Operator', yesNo(user.is_operator)],
        ['Active', yesNo(user.is_active)],
        ['Created (UTC)', minute(user.created_at)],
      ]);
    });

  const change = (
    command: Command,
    description: string,
    bodyOf: (options: ChangeOptions) => Promise<Record<string, unknown>>,
    said: (email: string) => string,
  ) =>
    one(command)
      .description(description)
      .option('--json', 'print {"id", "email"}')
      .action(async (who: string, options: ChangeOptions & Json) => {
        const body = await bodyOf(options);
        if (Object.keys(body).length === 0) throw new Failure('Nothing to change: give an option.', exitCodes.usage);
        const client = await api();
        const id = await userIdOf(client, who);
        const { email } = await client.call<User>('PATCH', path(id), { body });
        if (options.json) output.json({ id, email });
        else output.line(said(email));
      });

  change(
    group
      .command('change')
      .option('--name <name>', 'name for people')
      .option('--operator', 'let the user manage tenants and users')
      .option('--no-operator', 'let them not any more'),
    'change a user’s name, or whether they are an operator',
    async ({ name, operator }) => ({
      ...(name === undefined ? {} : { name }),
      ...(operator === undefined ? {} : { is_operator: operator }),
    }),
    (email) => `Changed ${email}.`,
  );
  change(
    group.command('disable'),
    'end all sessions of a user and refuse every sign-in and key of theirs',
    async () => ({ is_active: false }),
    (email) => `${email} is disabled and signed out everywhere.`,
  );
  change(
    group.command('enable'),
    'let a user sign in again',
    async () => ({ is_active: true }),
    (email) => `${email} is enabled.`,
  );
  change(
    group.command('set-password').requiredOption('--password-stdin', 'read the password from standard input'),
    'give a user another password; they are signed out everywhere',
    async () => ({ password: await readPassword() }),
    (email) => `${email} has a new password and is signed out everywhere.`,
  );

  one(group.command('reset-factors'))
    .description('take all second factors from a user who lost them; they are signed out everywhere')
    .option('--json', 'print {"id"}')
    .action(async (who: string, options: Json) => {
      const client = await api();
      const id = await userIdOf(client, who);
      await client.call('DELETE', `${path(id)}/factors`);
      if (options.json) output.json({ id });
      else output.line(`${who} has no second factor any more and is signed out everywhere.`);
    });

  one(group.command('delete').alias('erase'))
    .description('delete a person: membership, keys, sessions and personal fields, also those in audit logs')
    .addOption(yes)
    .option('--json', 'print {"id", "erased"}')
    .action(async (who: string, options: Json & { yes?: true }) => {
      const client = await api();
      const id = await userIdOf(client, who);
      await confirm(context, options, `deletes the user ${who}`, who);
      await client.call('DELETE', path(id));
      const { erased } = await erasureOf(client, id);
      if (options.json) return output.json({ id, erased });
      output.line(`Deleted user ${who}.`);
      showErasure(context, id, erased);
    });

  one(group.command('export'))
    .description('write all that is kept of a person, as JSON lines, for who asked for it')
    .requiredOption('--output <file>', 'write to this file, which is there only once it is whole')
    .option('--json', 'print {"id", "output"}')
    .action(async (who: string, options: Json & { output: string }) => {
      const client = await api();
      const id = await userIdOf(client, who);
      const pieces = client.download(`${path(id)}/export`, { body: {} }, 'POST');
      await saveWhole(wholeLines(pieces, true), options.output);
      if (options.json) output.json({ id, output: options.output });
      else output.line(`Wrote what is kept of ${who} to ${options.output}.`);
    });

  one(group.command('sessions'))
    .description('list the sessions of a user, the newest first')
    .option('--json', 'print an array')
    .action(async (who: string, options: Json) => {
      const client = await api();
      const sessions = await client.all<Session>(`${path(await userIdOf(client, who))}/sessions`);
      if (options.json) output.json(sessions);
      else showSessions(context, sessions);
    });

  one(group.command('kill-sessions'))
    .description('end all sessions of a user: their tokens are refused from the next request on')
    .option('--json', 'print {"ended"}')
    .action(async (who: string, options: Json) => {
      const client = await api();
      const id = await userIdOf(client, who);
      const { ended } = await client.call<{ ended: number }>('DELETE', `${path(id)}/sessions`);
      if (options.json) output.json({ ended });
      else output.line(`Ended ${ended} ${ended === 1 ? 'session' : 'sessions'} of ${who}.`);
    });
};
