import Type from 'typebox';
import { id, strict, time } from '../identity/schemas.ts';
import { defineOperation } from '../operation.ts';
import { missingProject } from '../projects/refusals.ts';
import { originsOf, producedBy, usedBy } from './lineage_queries.ts';
import { artifactOf } from './operations.ts';
import * as schemas from './schemas.ts';
import { listUsages, shareProject } from './usage_queries.ts';
import { requireReading, UsageSchema } from './usages.ts';

/** Of either side; what is beyond is in the lists of versions and usages. */
const shownMax = 1_000;

const named = (key: string, key_: Type.TSchema) => schemas.orNull(Type.Object({ [key]: key_, name: Type.String() }));

/** Where an artifact comes from and where it went. */
export const lineage = defineOperation({
  name: 'artifact.lineage',
  permission: 'artifact:read',
  input: Type.Object({ artifact_id: id }, strict),
  output: Type.Object({
    artifact_id: id,
    name: Type.String(),
    versions: Type.Array(
      Type.Object({
        version: schemas.version,
        model_id: schemas.orNull(Type.String()),
        run: schemas.orNull(
          Type.Object({
            run_id: Type.String(),
            name: schemas.orNull(Type.String({ description: 'Null: the run is gone.' })),
            path: schemas.orNull(Type.String()),
          }),
        ),
        experiment: named('experiment_id', Type.Integer()),
        project: named('project_id', id),
        used_by: Type.Array(Type.Omit(UsageSchema, ['version'])),
      }),
      { description: `The newest first; at most ${shownMax}, with the newest ${shownMax} uses.` },
    ),
  }),
  async run({ tx, place }, { artifact_id: artifact }) {
    requireReading(place, 'run:read', 'experiment:read', 'project:read');
    const { name } = await artifactOf(tx, artifact);
    const uses = await listUsages(tx, artifact, undefined, shownMax);
    const versions = (await originsOf(tx, artifact, shownMax)).map((row) => ({
      version: row.version,
      model_id: row.model_id,
      run: row.run_id === null ? null : { run_id: row.run_id, name: row.run_name, path: row.run_path },
      experiment:
        row.experiment_id === null || row.experiment_name === null
          ? null
          : { experiment_id: row.experiment_id, name: row.experiment_name },
      project:
        row.project_id === null || row.project_name === null
          ? null
          : { project_id: row.project_id, name: row.project_name },
      used_by: uses
        .filter(({ version }) => version === row.version)
        .map(({ project_id, project_name, used_by, used_at }) => ({
          project_id,
          project_name,
          used_by,
          used_at: used_at.toISOString(),
        })),
    }));
    return { artifact_id: artifact, name, versions };
  },
});

const entry = { artifact_id: id, name: Type.String(), type: Type.String(), version: schemas.version };

/** The same from a project's end. */
export const projectArtifacts = defineOperation({
  name: 'project.artifacts',
  permission: 'artifact:read',
  input: Type.Object({ project_id: id }, strict),
  on: ({ project_id }) => ({ project: project_id }),
  output: Type.Object(
    {
      produced: Type.Array(Type.Object({ ...entry, run_id: Type.String(), created_at: time }), {
        description: 'Versions promoted from its runs.',
      }),
      used: Type.Array(Type.Object({ ...entry, used_at: time })),
    },
    { description: `The newest ${shownMax} of each.` },
  ),
  async run({ tx, place, scope }, { project_id: project }) {
    if (!scope) requireReading(place, 'project:read');
    if (!(await shareProject(tx, project))) throw missingProject(project);
    const [produced, used] = [await producedBy(tx, project, shownMax), await usedBy(tx, project, shownMax)];
    return {
      produced: produced.map(({ at, ...rest }) => ({ ...rest, created_at: at.toISOString() })),
      used: used.map(({ at, ...rest }) => ({ ...rest, used_at: at.toISOString() })),
    };
  },
});
