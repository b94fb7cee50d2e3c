import { Option } from 'commander';
import { type CommandGroup, roles } from './context.ts';
import { exitCodes, Failure } from './failure.ts';
import { minute } from './output.ts';

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
  json?: true;
}

export const userCommands: CommandGroup = (program, { output, api, stdin }) => {
  const group = program.command('user').description('people who sign in');

  group
    .command('add')
    .description('make a user; a generated password is shown this once')
    .argument('<email>')
    .option('--name <name>', 'name for people')
    .option('--tenant <slug>', 'make the user a member of this tenant')
    .addOption(new Option('--role <role>', 'role there (default: data_scientist)').choices(roles))
    .option('--operator', 'let the user manage tenants and users')
    .option('--password-stdin', 'read the password from standard input instead of generating one')
    .option('--json', 'print {"id", "email"}, and "password" where it was generated')
    .action(async (email: string, options: AddOptions) => {
      const { name, tenant, role, operator, passwordStdin } = options;
      if (role !== undefined && tenant === undefined) {
        throw new Failure('--role needs --tenant: a role is one in a tenant.', exitCodes.usage);
      }
      const { call } = await api();
      const password = passwordStdin ? (await stdin()).replace(/\r?\n$/, '') : undefined;
      const body = {
        email,
        ...(name === undefined ? {} : { name }),
        ...(tenant === undefined ? {} : { tenant }),
        ...(role === undefined ? {} : { role }),
        ...(operator ? { is_operator: true } : {}),
        ...(password === undefined ? {} : { password }),
      };
      const user = await call<User>('POST', '/users', { body });
      const secret = user.password === undefined ? {} : { password: user.password };
      if (options.json) return output.json({ id: user.id, email: user.email, ...secret });
      output.line(`Made user ${user.email} (${user.id}).`);
      if (user.password !== undefined) output.line(`Password, shown this once: ${user.password}`);
    });

  group
    .command('list')
    .description('list all users')
    .option('--json', 'print an array')
    .action(async (options: { json?: true }) => {
      const users = await (await api()).all<User>('/users');
      if (options.json) return output.json(users);
      const rows = users.map((user) => [
        user.email,
        user.name || null,
        user.is_operator ? 'yes' : 'no',
        user.is_active ? 'yes' : 'no',
        minute(user.created_at),
        user.id,
      ]);
      output.table(['E-MAIL', 'NAME', 'OPERATOR', 'ACTIVE', 'CREATED (UTC)', 'ID'], rows, 'No users.');
    });
};
