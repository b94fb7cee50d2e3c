import Type from 'typebox';
import { checkMay, isOpen, openTo } from '../identity/granted.ts';
import { id, orNull, strict, time } from '../identity/schemas.ts';
import { defineOperation } from '../operation.ts';
import { requireProject } from '../projects/required.ts';
import { originsOf, producedBy, usedBy } from './lineage_queries.ts';
import { artifactOf } from './operations.ts';
import { readableSources } from './readable.ts';
import * as schemas from './schemas.ts';
import { listUsages } from './usage_queries.ts';
import { UsageSchema, usageFor } from './usages.ts';

/** Of either side; what is beyond is in the lists of versions and usages. */
const shownMax = 1_000;

/** Where an artifact comes from and where it went, as far as the caller may read these. */
export const lineage = defineOperation({
  name: 'artifact_lineage.get',
  permission: 'artifact:read',
  input: Type.Object({ artifact_id: id }, strict),
  output: Type.Object({
    artifact_id: id,
    name: Type.String(),
    versions: Type.Array(
      Type.Object({
        version: schemas.version,
        model_id: orNull(Type.String()),
        run: orNull(
          Type.Object({
            run_id: Type.String(),
            name: orNull(Type.String({ description: 'Null: the run is gone.' })),
            path: orNull(Type.String()),
          }),
        ),
        experiment: orNull(Type.Object({ experiment_id: Type.Integer(), name: Type.String() })),
        project: orNull(Type.Object({ project_id: id, name: Type.String() })),
        used_by: Type.Array(UsageSchema),
      }),
      {
        description: `The newest first; at most ${shownMax}, with the newest ${shownMax} uses. Null is also what the caller may not read.`,
      },
    ),
  }),
  async run(context, { artifact_id: artifact }) {
    const { tx } = context;
    const { name } = await artifactOf(tx, artifact);
    const uses = await listUsages(tx, artifact, undefined, shownMax);
    const usage = await usageFor(context);
    const experiments = await openTo(context, 'experiment:read');
    const projects = await openTo(context, 'project:read');
    const rows = await readableSources(context, await originsOf(tx, artifact, shownMax));
    const versions = rows.map((row) => ({
      version: row.version,
      model_id: row.model_id,
      run: row.run_id === null ? null : { run_id: row.run_id, name: row.run_name, path: row.run_path },
      experiment:
        row.experiment_id === null ||
        row.experiment_name === null ||
        !isOpen(experiments, { experiment: row.experiment_id })
          ? null
          : { experiment_id: row.experiment_id, name: row.experiment_name },
      project:
        row.project_id === null || row.project_name === null || !isOpen(projects, { project: row.project_id })
          ? null
          : { project_id: row.project_id, name: row.project_name },
      used_by: uses.filter(({ version }) => version === row.version).map(usage),
    }));
    return { artifact_id: artifact, name, versions };
  },
});

const entry = { artifact_id: id, name: Type.String(), type: Type.String(), version: schemas.version };

/** The same from a project's end. */
export const projectArtifacts = defineOperation({
  name: 'project_artifact.list',
  permission: 'artifact:read',
  input: Type.Object({ project_id: id }, strict),
  on: ({ project_id }) => ({ project: project_id }),
  output: Type.Object(
    {
      produced: Type.Array(Type.Object({ ...entry, run_id: orNull(Type.String()), created_at: time }), {
        description: 'Versions promoted from its runs.',
      }),
      used: Type.Array(Type.Object({ ...entry, used_at: time })),
    },
    { description: `The newest ${shownMax} of each. Null is a run that the caller may not read.` },
  ),
  async run(context, { project_id: project }) {
    const { tx } = context;
    await checkMay(context, 'project:read', { project });
    await requireProject(tx, project);
    const [made, used] = [await producedBy(tx, project, shownMax), await usedBy(tx, project, shownMax)];
    const produced = await readableSources(context, made);
    return {
      produced: produced.map(({ at, run_path: _, model_id: __, ...rest }) => ({
        ...rest,
        created_at: at.toISOString(),
      })),
      used: used.map(({ at, ...rest }) => ({ ...rest, used_at: at.toISOString() })),
    };
  },
});
