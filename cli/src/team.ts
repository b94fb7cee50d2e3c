import { type Command, Option } from 'commander';
import { confirm } from './confirm.ts';
import type { CommandGroup } from './context.ts';
import { Failure } from './failure.ts';
import { amount, ofProject, yes } from './options.ts';
import { isId, memberNamed } from './people.ts';
import { ownPlaceIn, type Place } from './place.ts';
import { projectIdOf } from './project_named.ts';
import { addTeamAnalytics } from './team_analytics.ts';
import { addIncidents } from './team_incident.ts';

interface TeamMember {
  member_id: string;
  name: string;
  user_id: string | null;
  role: string;
  experience_level: string | null;
  contribution_hours: number | null;
  performance_score: number | null;
}

interface Options {
  tenant?: string;
  project: string;
  json?: true;
}
interface Details {
  user?: string;
  experience?: string;
  hours?: number;
  performance?: number;
}

const text = (value: number | null): string | null => (value === null ? null : String(value));

async function userOf(place: Place, who: string): Promise<string> {
  const member = await memberNamed(place, who);
  if (!member) throw new Failure(`Member '${who}' of the tenant not found.`);
  return member.user_id;
}

const detailsOf = async (place: Place, { user, experience, hours, performance }: Details) => ({
  ...(user === undefined ? {} : { user_id: isId(user) ? user : await userOf(place, user) }),
  ...(experience === undefined ? {} : { experience_level: experience }),
  ...(hours === undefined ? {} : { contribution_hours: hours }),
  ...(performance === undefined ? {} : { performance_score: performance }),
});

const membersOf = (place: Place, project: string): Promise<TeamMember[]> =>
  place.all<TeamMember>(`/teams/${project}/members`);

async function onTeam(place: Place, project: string, who: string): Promise<TeamMember> {
  const found = (await membersOf(place, project)).filter(({ member_id, name }) => member_id === who || name === who);
  if (found.length > 1) throw new Failure(`${found.length} on the team are called '${who}': give the id.`);
  const [member] = found;
  if (!member) throw new Failure(`Nobody on the team is called '${who}'; maestro team list shows who is.`);
  return member;
}

export const teamCommands: CommandGroup = (program, context) => {
  const { output, api } = context;
  const group = program.command('team').description('who works on a project');
  const placeOf = async ({ tenant }: Options): Promise<Place> => ownPlaceIn(await api(), tenant);
  const withDetails = (command: Command): Command =>
    ofProject(command)
      .option('--user <who>', 'a member of the tenant: e-mail address or id')
      .addOption(new Option('--experience <level>').choices(['junior', 'mid', 'senior', 'lead']))
      .option('--hours <hours>', 'of work on the project', amount)
      .option('--performance <score>', 'from 0 to 100', amount)
      .option('--json', 'print the member of the team');

  ofProject(group.command('list').description('list the team of a project, by name'))
    .option('--json', 'print an array')
    .action(async (options: Options) => {
      const place = await placeOf(options);
      const members = await membersOf(place, await projectIdOf(place, options.project));
      if (options.json) return output.json(members);
      const rows = members.map((member) => [
        member.name,
        member.role,
        member.experience_level,
        text(member.contribution_hours),
        text(member.performance_score),
        member.member_id,
      ]);
      output.table(['NAME', 'ROLE', 'EXPERIENCE', 'HOURS', 'PERFORMANCE', 'ID'], rows, 'Nobody is on the team.');
    });

  withDetails(group.command('add').description('put somebody on the team of a project').argument('<name>'))
    .requiredOption('--role <role>', 'what they do there, such as "data scientist"')
    .action(async (name: string, options: Options & Details & { role: string }) => {
      const place = await placeOf(options);
      const body = { name, role: options.role, ...(await detailsOf(place, options)) };
      const project = await projectIdOf(place, options.project);
      const member = await place.call<TeamMember>('POST', `/teams/${project}/members`, body);
      if (options.json) output.json(member);
      else output.line(`${member.name} is on the team.`);
    });

  withDetails(group.command('update').description('change what is said of somebody on a team'))
    .argument('<member>', 'name or id')
    .option('--role <role>', 'what they do there')
    .option('--name <name>', 'what they are called from now on')
    .action(async (who: string, options: Options & Details & { role?: string; name?: string }) => {
      const place = await placeOf(options);
      const project = await projectIdOf(place, options.project);
      const { member_id: id } = await onTeam(place, project, who);
      const body = {
        ...(options.name === undefined ? {} : { name: options.name }),
        ...(options.role === undefined ? {} : { role: options.role }),
        ...(await detailsOf(place, options)),
      };
      const member = await place.call<TeamMember>('PATCH', `/teams/${project}/members/${id}`, body);
      if (options.json) output.json(member);
      else output.line(`Changed ${member.name}.`);
    });

  ofProject(group.command('remove').description('take somebody off the team, with all that was said of them'))
    .argument('<member>', 'name or id')
    .addOption(yes)
    .action(async (who: string, options: Options & { yes?: true }) => {
      const place = await placeOf(options);
      const project = await projectIdOf(place, options.project);
      const member = await onTeam(place, project, who);
      await confirm(context, options, `takes ${member.name} off the team`, member.name);
      await place.call('DELETE', `/teams/${project}/members/${member.member_id}`);
      output.line(`${member.name} is off the team.`);
    });

  addTeamAnalytics(group, context);
  addIncidents(group, context);
};
