import type { Command } from 'commander';
import { artifactNamed } from './artifact_named.ts';
import type { Context } from './context.ts';
import { inOwnTenant } from './options.ts';
import { minute } from './output.ts';
import { ownPlaceIn } from './place.ts';
import { projectNamed } from './project_named.ts';

interface Options {
  tenant?: string;
  json?: true;
}

interface Lineage {
  name: string;
  versions: {
    version: string;
    run: { run_id: string } | null;
    experiment: { name: string } | null;
    project: { name: string } | null;
    used_by: { project_name: string | null }[];
  }[];
}

interface Entry {
  artifact_id: string;
  name: string;
  type: string;
  version: string;
}
interface ProjectLineage {
  produced: (Entry & { run_id: string | null; created_at: string })[];
  used: (Entry & { used_at: string })[];
}

const lineageOf = (group: Command, argument: string, says: string): Command =>
  group
    .command('lineage')
    .description(says)
    .argument(argument, 'its name or id')
    .option(...inOwnTenant)
    .option('--json', 'print all that is known of it');

/** `maestro artifact lineage`: from an artifact back to the runs and projects it came from, and on to those that use it. */
export function artifactLineage(group: Command, { output, api }: Context): void {
  lineageOf(group, '<artifact>', 'show where each version comes from, and the projects that use it').action(
    async (who: string, options: Options) => {
      const place = ownPlaceIn(await api(), options.tenant);
      const { artifact_id: id } = await artifactNamed(place, who);
      const lineage = await place.call<Lineage>('GET', `/artifacts/${id}/lineage`);
      if (options.json) return output.json(lineage);
      const rows = lineage.versions.map(({ version, run, experiment, project, used_by: users }) => [
        version,
        project?.name ?? null,
        experiment?.name ?? null,
        run?.run_id ?? null,
        users.map(({ project_name }) => project_name ?? '?').join(', ') || null,
      ]);
      output.table(
        ['VERSION', 'FROM PROJECT', 'EXPERIMENT', 'RUN', 'USED BY'],
        rows,
        `${lineage.name} has no version.`,
      );
    },
  );
}

/** `maestro project lineage`: what a project gave to the library, and what it took from there. */
export function projectLineage(group: Command, { output, api }: Context): void {
  lineageOf(group, '<project>', 'show the artifacts that came out of a project, and those that it uses').action(
    async (who: string, options: Options) => {
      const place = ownPlaceIn(await api(), options.tenant);
      const { project_id: id, name } = await projectNamed(place, who);
      const lineage = await place.call<ProjectLineage>('GET', `/projects/${id}/artifacts`);
      if (options.json) return output.json(lineage);
      const rows = [
        ...lineage.produced.map((made) => ['produced', made.name, made.version, made.run_id, minute(made.created_at)]),
        ...lineage.used.map((used) => ['uses', used.name, used.version, null, minute(used.used_at)]),
      ];
      output.table(
        ['', 'ARTIFACT', 'VERSION', 'RUN', 'SINCE (UTC)'],
        rows,
        `${name} gave nothing to the library and uses nothing of it.`,
      );
    },
  );
}
