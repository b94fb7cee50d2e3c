import type { CommandGroup } from './context.ts';
import { wholeNumber } from './options.ts';
import { minute } from './output.ts';

interface Stay {
  user_id: string;
  email: string;
  tenant: string;
  role: string;
  reason: string;
  started_at: string;
  expires_at: string;
}

interface BeginOptions {
  reason: string;
  minutes: number;
  role?: string;
  json?: true;
}

export const switchCommands: CommandGroup = (program, { output, api }) => {
  const group = program
    .command('switch')
    .description(
      'stays of operators in tenants, each with a reason; set MAESTRO_URL, and MAESTRO_TOKEN to an operator’s access token',
    );

  group
    .command('begin')
    .description('go into a tenant with this token: what it does there is audited, and the tenant reads the reason')
    .argument('<tenant>')
    .requiredOption('--reason <text>', 'why')
    .requiredOption('--minutes <count>', 'for how long, 60 at most', wholeNumber('a whole number of minutes'))
    .option('--role <role>', 'with which role (default: tenant_admin)')
    .option('--json', 'print the stay')
    .action(async (tenant: string, { reason, minutes, role, json }: BeginOptions) => {
      const body = { tenant, reason, minutes, ...(role === undefined ? {} : { role }) };
      const stay = await (await api()).call<Stay>('POST', '/operator/switch', { body });
      if (json) output.json(stay);
      else output.line(`In tenant ${tenant} as ${stay.role} until ${minute(stay.expires_at)} UTC.`);
    });

  group
    .command('end')
    .description('leave the tenant before the time is over')
    .option('--json', 'print {}')
    .action(async (options: { json?: true }) => {
      await (await api()).call('DELETE', '/operator/switch');
      if (options.json) output.json({});
      else output.line('Left the tenant.');
    });

  group
    .command('list')
    .description('list which operators are in which tenants now')
    .option('--json', 'print an array')
    .action(async (options: { json?: true }) => {
      const { items } = await (await api()).call<{ items: Stay[] }>('GET', '/operator/switches');
      if (options.json) return output.json(items);
      const rows = items.map((stay) => [
        stay.email,
        stay.tenant,
        stay.role,
        minute(stay.started_at),
        minute(stay.expires_at),
        stay.reason,
      ]);
      output.table(
        ['OPERATOR', 'TENANT', 'ROLE', 'SINCE (UTC)', 'UNTIL', 'REASON'],
        rows,
        'No operator is in a tenant.',
      );
    });
};
