import type { Command } from 'commander';
import { confirm } from './confirm.ts';
import type { Context } from './context.ts';
import { moment, ofProject, yes } from './options.ts';
import { ownPlaceIn, type Place } from './place.ts';
import { projectIdOf } from './project_named.ts';

interface Incident {
  incident_key: string;
  environment: string;
  started_at: string;
  resolved_at: string | null;
}

interface Options {
  tenant?: string;
  project: string;
  json?: true;
}

const hoursOf = ({ started_at, resolved_at }: Incident): string | null =>
  resolved_at === null ? null : ((Date.parse(resolved_at) - Date.parse(started_at)) / 3_600_000).toFixed(1);

/** Adds what the change failure rate and the time to restore are read from to the commands about a team. */
export function addIncidents(team: Command, context: Context): void {
  const { output, api } = context;
  const group = team.command('incident').description('failures of the service that users felt');
  const incidentsOf = async ({ tenant, project }: Options): Promise<{ place: Place; path: string }> => {
    const place = ownPlaceIn(await api(), tenant);
    return { place, path: `/teams/${await projectIdOf(place, project)}/incidents` };
  };
  const pathOf = (path: string, key: string): string => `${path}/${encodeURIComponent(key)}`;
  const print = (incident: Incident, json: true | undefined, sentence: string): void =>
    json ? output.json(incident) : output.line(sentence);

  ofProject(group.command('list').description('list the incidents of a project, the newest first'))
    .option('--environment <name>', 'those of one environment')
    .option('--from <day>', 'those that started on this day (UTC) or later')
    .option('--to <day>', 'those that started on this day or before')
    .option('--json', 'print an array')
    .action(async (options: Options & { environment?: string; from?: string; to?: string }) => {
      const { place, path } = await incidentsOf(options);
      const { environment, from, to } = options;
      const query = Object.entries({ environment, from, to }).filter(
        (pair): pair is [string, string] => pair[1] !== undefined,
      );
      const incidents = await place.all<Incident>(path, Object.fromEntries(query));
      if (options.json) return output.json(incidents);
      const rows = incidents.map((incident) => [
        incident.incident_key,
        incident.environment,
        incident.started_at,
        incident.resolved_at,
        hoursOf(incident),
      ]);
      output.table(['INCIDENT', 'ENVIRONMENT', 'STARTED', 'RESOLVED', 'HOURS'], rows, 'No incidents.');
    });

  ofProject(group.command('show').description('show an incident'))
    .argument('<key>')
    .option('--json', 'print the incident')
    .action(async (key: string, options: Options) => {
      const { place, path } = await incidentsOf(options);
      const incident = await place.call<Incident>('GET', pathOf(path, key));
      if (options.json) return output.json(incident);
      output.fields([
        ['Incident', incident.incident_key],
        ['Environment', incident.environment],
        ['Started', incident.started_at],
        ['Resolved', incident.resolved_at],
        ['Hours', hoursOf(incident)],
      ]);
    });

  ofProject(
    group.command('record').description('record an incident; again under its key: what is said now, the rest stays'),
  )
    .argument('<key>', 'your name for it, such as the number of a ticket')
    .option('--started <time>', 'now unless given, for a new one', moment)
    .option('--resolved <time>', 'where it is over', moment)
    .option('--environment <name>', 'where users are; production unless given, for a new one')
    .option('--json', 'print the incident')
    .action(async (key: string, options: Options & { started?: string; resolved?: string; environment?: string }) => {
      const { place, path } = await incidentsOf(options);
      await place.call('PUT', pathOf(path, key), {
        ...(options.started === undefined ? {} : { started_at: options.started }),
        ...(options.resolved === undefined ? {} : { resolved_at: options.resolved }),
        ...(options.environment === undefined ? {} : { environment: options.environment }),
      });
      const incident = await place.call<Incident>('GET', pathOf(path, key));
      print(incident, options.json, `Recorded incident ${key} in ${incident.environment}.`);
    });

  ofProject(group.command('resolve').description('say that an incident is over'))
    .argument('<key>')
    .option('--at <time>', 'when it ended; now unless given', moment)
    .option('--json', 'print the incident')
    .action(async (key: string, options: Options & { at?: string }) => {
      const { place, path } = await incidentsOf(options);
      const known = await place.call<Incident>('GET', pathOf(path, key));
      const resolved_at = options.at ?? new Date().toISOString();
      await place.call('PUT', pathOf(path, key), { resolved_at });
      const incident = { ...known, resolved_at };
      print(incident, options.json, `Incident ${key} is resolved, after ${hoursOf(incident)} hours.`);
    });

  ofProject(group.command('remove').description('remove an incident that was none'))
    .argument('<key>')
    .addOption(yes)
    .option('--json', 'print {"incident_key"}')
    .action(async (key: string, options: Options & { yes?: true }) => {
      const { place, path } = await incidentsOf(options);
      await confirm(context, options, `removes incident ${key}`, key);
      await place.call('DELETE', pathOf(path, key));
      if (options.json) output.json({ incident_key: key });
      else output.line(`Removed incident ${key}.`);
    });
}
