import { openAsBlob } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Impact } from '@maestro/insight/impact';
import type { Command } from 'commander';
import { type Artifact, artifactNamed } from './artifact_named.ts';
import { confirm } from './confirm.ts';
import type { CommandGroup } from './context.ts';
import { downloadTo } from './download.ts';
import { exitCodes, Failure } from './failure.ts';
import { briefImpact, impactRows } from './impact.ts';
import { artifactLineage } from './lineage.ts';
import { gather, inOwnTenant, wholeNumber, yes } from './options.ts';
import { minute } from './output.ts';
import { ownPlaceIn, type Place } from './place.ts';
import { projectIdOf } from './project_named.ts';

interface Version {
  version: string;
  sha256: string | null;
  size: number | null;
  file_name: string | null;
  storage_path: string | null;
  run_id: string | null;
  uses: number;
  created_at: string;
}

const content = '/artifacts/{artifact_id}/versions/{version}/content';

interface Options {
  tenant?: string;
  json?: true;
}

const headings = ['NAME', 'TYPE', 'VERSION', 'USES', 'IMPACT', 'TAGS', 'ID'];
const rowOf = (artifact: Artifact): (string | null)[] => [
  artifact.is_active ? artifact.name : `${artifact.name} (deprecated)`,
  artifact.type,
  artifact.latest_version,
  String(artifact.uses),
  briefImpact(artifact.impact),
  artifact.tags.join(',') || null,
  artifact.artifact_id,
];

const versionsOf = async (place: Place, { artifact_id }: Artifact) =>
  (await place.call<{ items: Version[] }>('GET', `/artifacts/${artifact_id}/versions`)).items;

/** The content of a file, read as it is sent. */
async function fileAt(path: string): Promise<Blob> {
  const stats = await stat(path).catch(() => undefined);
  if (!stats?.isFile()) throw new Failure(`${path} cannot be read, or is no file.`);
  return openAsBlob(path);
}

/** A version to upload to: one that an upload left without its content goes on to be that. */
async function versionFor(place: Place, artifact: Artifact, name: string | undefined): Promise<string> {
  if (name !== undefined && (await versionsOf(place, artifact)).some(({ version }) => version === name)) return name;
  const body = name === undefined ? {} : { version: name };
  return (await place.call<Version>('POST', `/artifacts/${artifact.artifact_id}/versions`, body)).version;
}

const pathOf = ({ artifact_id }: Artifact, version: string): string =>
  `/artifacts/${artifact_id}/versions/${encodeURIComponent(version)}`;

export const artifactCommands: CommandGroup = (program, context) => {
  const { output, api, note } = context;
  const group = program.command('artifact').description('the library of reusable pieces of work');
  const place = async ({ tenant }: Options) => ownPlaceIn(await api(), tenant);
  const command = (words: string, says: string): Command =>
    group
      .command(words)
      .description(says)
      .option(...inOwnTenant);
  const show = (items: Artifact[], { json }: Options, none: string): void => {
    if (json) output.json(items);
    else output.table(headings, items.map(rowOf), none);
  };

  command('list', 'list the newest artifacts, also deprecated ones')
    .option('--type <type>', 'of one type, such as feature_pipeline')
    .option('--limit <count>', 'at most so many', wholeNumber('a whole number'), 50)
    .option('--json', 'print an array')
    .action(async (options: Options & { type?: string; limit: number }) => {
      const query = new URLSearchParams({ limit: String(options.limit) });
      if (options.type !== undefined) query.set('type', options.type);
      const { items } = await (await place(options)).call<{ items: Artifact[] }>('GET', `/artifacts?${query}`);
      show(items, options, 'No artifacts.');
    });

  command('search', 'find artifacts by words, also misspelt or only begun')
    .argument('[words...]')
    .option('--type <type>', 'of one type')
    .option('--tag <tags>', 'with all of these; repeat, or separate by commas', gather)
    .option('--min-impact <score>', 'with at least this impact', Number)
    .option('--deprecated', 'also deprecated ones')
    .option('--order-by <order>', 'best, relevance, uses, impact or created_at')
    .option('--limit <count>', 'at most so many', wholeNumber('a whole number'), 20)
    .option('--json', 'print an array')
    .action(
      async (
        words: string[],
        options: Options & {
          type?: string;
          tag?: string[];
          minImpact?: number;
          deprecated?: true;
          orderBy?: string;
          limit: number;
        },
      ) => {
        const body = {
          q: words.join(' '),
          ...(options.type === undefined ? {} : { type: options.type }),
          ...(options.tag === undefined ? {} : { tags: options.tag }),
          ...(options.minImpact === undefined ? {} : { min_impact: options.minImpact }),
          ...(options.orderBy === undefined ? {} : { order_by: options.orderBy }),
          active_only: !options.deprecated,
          limit: options.limit,
        };
        const { items } = await (await place(options)).call<{ items: Artifact[] }>('POST', '/artifacts/search', body);
        show(items, options, 'No artifact matches.');
      },
    );

  command('top', 'list the artifacts that are most worth using')
    .option('--type <type>', 'of one type')
    .option('--by <order>', 'impact: by the least that they add to success; or uses')
    .option('--limit <count>', 'at most so many', wholeNumber('a whole number'), 10)
    .option('--json', 'print an array')
    .action(async (options: Options & { type?: string; by?: string; limit: number }) => {
      const query = new URLSearchParams({ limit: String(options.limit) });
      if (options.type !== undefined) query.set('type', options.type);
      if (options.by !== undefined) query.set('by', options.by);
      const { items } = await (await place(options)).call<{ items: Artifact[] }>('GET', `/artifacts/top?${query}`);
      show(items, options, 'No artifacts.');
    });

  command('impact', 'show what an artifact changed in the projects that used it')
    .argument('<artifact>', 'its name or id')
    .option('--json', 'print the analytics: uses by month, outcomes of users and others, the impact')
    .action(async (who: string, options: Options) => {
      const where = await place(options);
      const { artifact_id } = await artifactNamed(where, who);
      const analytics = await where.call<{ impact: Impact | null; impact_note: string }>(
        'GET',
        `/artifacts/${artifact_id}/analytics`,
      );
      if (options.json) return output.json(analytics);
      output.table(
        ['OUTCOME', 'EFFECT', '80 % INTERVAL', 'PROJECTS', 'EVIDENCE'],
        impactRows(analytics.impact),
        'No effect is known yet.',
      );
      output.line(analytics.impact_note);
    });

  command('show', 'show an artifact with its newest versions')
    .argument('<artifact>', 'its name or id')
    .option('--json', 'print the artifact with "versions"')
    .action(async (who: string, options: Options) => {
      const where = await place(options);
      const artifact = await artifactNamed(where, who);
      const versions = await versionsOf(where, artifact);
      if (options.json) return output.json({ ...artifact, versions });
      output.fields([
        ['Name', artifact.name],
        ['Id', artifact.artifact_id],
        ['Type', artifact.type],
        ['Tags', artifact.tags.join(', ') || null],
        ['Description', artifact.description || null],
        ['Active', artifact.is_active ? 'yes' : `no: ${artifact.deprecation_reason ?? 'deprecated'}`],
        ['Uses', String(artifact.uses)],
        ['Impact', briefImpact(artifact.impact)],
        ['Created (UTC)', minute(artifact.created_at)],
      ]);
      output.line('');
      const rows = versions.map((version) => [
        version.version,
        version.size === null ? null : String(version.size),
        version.sha256?.slice(0, 12) ?? version.storage_path,
        version.run_id,
        String(version.uses),
        minute(version.created_at),
      ]);
      output.table(['VERSION', 'BYTES', 'CONTENT', 'RUN', 'USES', 'CREATED (UTC)'], rows, 'No versions.');
    });

  command('create', 'make an artifact')
    .argument('<name>')
    .requiredOption('--type <type>', 'feature_pipeline, model_template, schema, notebook, or one of your own')
    .option('--description <text>', 'what it is for')
    .option('--tag <tags>', 'repeat, or separate by commas', gather)
    .option('--json', 'print the artifact')
    .action(async (name: string, options: Options & { type: string; description?: string; tag?: string[] }) => {
      const artifact = await (await place(options)).call<Artifact>('POST', '/artifacts', {
        name,
        type: options.type,
        ...(options.description === undefined ? {} : { description: options.description }),
        ...(options.tag === undefined ? {} : { tags: options.tag }),
      });
      if (options.json) output.json(artifact);
      else output.line(`Made artifact ${artifact.name} (${artifact.artifact_id}).`);
    });

  command('upload', 'add a version with a file as its content')
    .argument('<artifact>', 'its name or id')
    .argument('<file>')
    .option('--new-version <name>', 'what it is called; the next number without it')
    .option('--json', 'print the version')
    .action(async (who: string, path: string, options: Options & { newVersion?: string }) => {
      const file = await fileAt(path);
      const where = await place(options);
      const artifact = await artifactNamed(where, who);
      const version = await versionFor(where, artifact, options.newVersion);
      const query = new URLSearchParams({ file_name: basename(path) });
      const { call } = await api();
      const target = `${pathOf(artifact, version)}/content?${query}`;
      const uploaded = await call<Version>('PUT', target, { file, tenant: options.tenant });
      if (options.json) output.json(uploaded);
      else output.line(`Uploaded ${path} as version ${version} of ${artifact.name} (${uploaded.size} bytes).`);
    });

  command('download', 'save the content of a version, once its SHA-256 is found to be right')
    .argument('<artifact>', 'its name or id')
    .option('--of <version>', 'the version; the newest without it')
    .option('--output <file>', 'where to; its own name in this directory without it')
    .option('--json', 'print {"path", "version"}')
    .action(async (who: string, options: Options & { of?: string; output?: string }) => {
      const where = await place(options);
      const artifact = await artifactNamed(where, who);
      const name = options.of ?? artifact.latest_version;
      if (name === null) throw new Failure(`Artifact ${artifact.name} has no version.`);
      const { file_name, sha256 } = await where.call<Version>('GET', pathOf(artifact, name));
      // A name from the server must not lead out of the directory.
      const path = options.output ?? basename(file_name ?? `${artifact.name}-${name}`);
      const params = { path: { artifact_id: artifact.artifact_id, version: name } };
      await downloadTo(context, { tenant: options.tenant, target: path, label: path }, (maestro, onProgress) =>
        maestro.download(content, { params, onProgress, ...(sha256 === null ? {} : { sha256 }) }),
      );
      if (options.json) output.json({ path, version: name });
      else output.line(`Saved version ${name} of ${artifact.name} as ${path}.`);
    });

  command('use', 'say that a project uses a version; safe to repeat')
    .argument('<artifact>', 'its name or id')
    .requiredOption('--project <project>', 'its name or id')
    .option('--of <version>', 'the version; the newest without it')
    .option('--json', 'print the use')
    .action(async (who: string, options: Options & { project: string; of?: string }) => {
      const where = await place(options);
      const artifact = await artifactNamed(where, who);
      const used = await where.call<{ version: string }>('POST', `/artifacts/${artifact.artifact_id}/use`, {
        project_id: await projectIdOf(where, options.project),
        ...(options.of === undefined ? {} : { version: options.of }),
      });
      if (options.json) output.json(used);
      else output.line(`Project ${options.project} uses version ${used.version} of ${artifact.name}.`);
    });

  command('promote', 'make a run’s file, or a logged model, a version of an artifact')
    .argument('<artifact>', 'the name or id of one that is there; with --type the name of a new one')
    .option('--run <run>', 'the run, with --path')
    .option('--path <path>', 'a file or a directory of the run')
    .option('--model <model>', 'a logged model')
    .option('--type <type>', 'makes a new artifact of this type')
    .option('--tag <tags>', 'of a new artifact; repeat, or separate by commas', gather)
    .option('--new-version <name>', 'what it is called; the next number without it')
    .option('--json', 'print {"artifact", "version"}')
    .action(
      async (
        who: string,
        options: Options & {
          run?: string;
          path?: string;
          model?: string;
          type?: string;
          tag?: string[];
          newVersion?: string;
        },
      ) => {
        if ((options.run === undefined) === (options.model === undefined)) {
          throw new Failure('Give --run with --path, or --model.', exitCodes.usage);
        }
        const where = await place(options);
        const target =
          options.type === undefined
            ? { artifact_id: (await artifactNamed(where, who)).artifact_id }
            : { name: who, type: options.type, ...(options.tag === undefined ? {} : { tags: options.tag }) };
        const made = await where.call<{ artifact: Artifact; version: Version }>('POST', '/artifacts/promote', {
          ...target,
          ...(options.run === undefined ? {} : { run_id: options.run }),
          ...(options.path === undefined ? {} : { path: options.path }),
          ...(options.model === undefined ? {} : { model_id: options.model }),
          ...(options.newVersion === undefined ? {} : { version: options.newVersion }),
        });
        if (options.json) output.json(made);
        else output.line(`Version ${made.version.version} of ${made.artifact.name} (${made.artifact.artifact_id}).`);
      },
    );

  artifactLineage(group, context);

  command('deprecate', 'mark an artifact as not to be used any more')
    .argument('<artifact>', 'its name or id')
    .option('--reason <text>', 'why, and what instead')
    .option('--json', 'print the artifact')
    .action(async (who: string, options: Options & { reason?: string }) => {
      const where = await place(options);
      const { artifact_id } = await artifactNamed(where, who);
      const body = options.reason === undefined ? {} : { reason: options.reason };
      const artifact = await where.call<Artifact>('POST', `/artifacts/${artifact_id}/deprecate`, body);
      if (options.json) output.json(artifact);
      else output.line(`Artifact ${artifact.name} is deprecated.`);
    });

  command('restore', 'take back a deprecation')
    .argument('<artifact>', 'its name or id')
    .option('--json', 'print the artifact')
    .action(async (who: string, options: Options) => {
      const where = await place(options);
      const { artifact_id } = await artifactNamed(where, who);
      const artifact = await where.call<Artifact>('POST', `/artifacts/${artifact_id}/restore`, {});
      if (options.json) output.json(artifact);
      else output.line(`Artifact ${artifact.name} is active.`);
    });

  command('delete', 'delete an artifact with its versions and what is known of its use')
    .argument('<artifact>', 'its name or id')
    .addOption(yes)
    .option('--json', 'print {"artifact_id"}')
    .action(async (who: string, options: Options & { yes?: true }) => {
      const where = await place(options);
      const { artifact_id, name, uses } = await artifactNamed(where, who);
      if (uses > 0) note(`${name} has ${uses} uses.`);
      await confirm(context, options, `deletes artifact ${name} with all its versions`, name);
      await where.call('DELETE', `/artifacts/${artifact_id}`);
      if (options.json) output.json({ artifact_id });
      else output.line(`Deleted artifact ${name}.`);
    });
};
