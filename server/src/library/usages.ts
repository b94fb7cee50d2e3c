import Type, { type Static } from 'typebox';
import { invalid } from '../errors.ts';
import { actorOf } from '../identity/caller.ts';
import { checkMay, isOpen, openTo } from '../identity/granted.ts';
import { atPlace, defaultPageSize, pageFrom, placeOf } from '../identity/paging.ts';
import { id, orNull, pageInput, strict, text, time } from '../identity/schemas.ts';
import { markProject } from '../insight/due.ts';
import { defineOperation } from '../operation.ts';
import { pageOf } from '../paging.ts';
import { holdProject } from '../projects/required.ts';
import { impactNote } from './impact_note.ts';
import { artifactOf } from './operations.ts';
import { findArtifacts, lockArtifact } from './queries.ts';
import type { Reader } from './readable.ts';
import { missingArtifact, missingVersion } from './refusals.ts';
import * as schemas from './schemas.ts';
import * as queries from './usage_queries.ts';

export const UsageSchema = Type.Object({
  version: schemas.version,
  project_id: orNull(id, 'Null to who may not read the project.'),
  project_name: orNull(Type.String()),
  used_by: Type.String({ description: 'The id of the user or service account that said so first.' }),
  used_at: time,
  impact_score: orNull(
    Type.Number({
      description:
        'Points of the project’s success that the use is reckoned to have brought. Null until the success is known, and to who may not read the project.',
    }),
  ),
});

/** How uses are shown to a reader. */
export async function usageFor(reader: Reader) {
  const projects = await openTo(reader, 'project:read');
  return (row: queries.UsageRow): Static<typeof UsageSchema> => {
    const { version, project_id, used_by, used_at } = row;
    const isReadable = isOpen(projects, { project: project_id });
    return {
      version,
      project_id: isReadable ? project_id : null,
      project_name: isReadable ? row.project_name : null,
      used_by,
      used_at: used_at.toISOString(),
      impact_score: isReadable ? row.impact_score : null,
    };
  };
}

/** Says that a project uses a version, which is written to both. Safe to repeat: the first time stays. */
export const useArtifact = defineOperation({
  name: 'artifact.use',
  permission: 'artifact:write',
  input: Type.Object(
    {
      artifact_id: id,
      project_id: id,
      version: Type.Optional(text(1, 100, { description: 'The newest by default.' })),
    },
    strict,
  ),
  output: UsageSchema,
  async run(context, { artifact_id: artifact, project_id: project, version: given }) {
    const { tx, caller } = context;
    await checkMay(context, 'project:write', { project });
    const { latest_version } = await artifactOf(tx, artifact);
    const version = given ?? latest_version;
    if (version === null) throw missingVersion('newest');
    // In the order in which deletions lock them: project, artifact, version.
    await holdProject(tx, project);
    if (!(await lockArtifact(tx, artifact))) throw missingArtifact(artifact);
    if (!(await queries.shareVersion(tx, artifact, version))) throw missingVersion(version);
    const isNew = await queries.insertUsage(tx, { artifact, version, project, usedBy: actorOf(caller).id });
    if (isNew) await markProject(tx, project);
    const usage = (await queries.findUsage(tx, artifact, version, project)) as queries.UsageRow;
    return (await usageFor(context))(usage);
  },
});

/** Who uses it, the newest first. */
export const listUsages = defineOperation({
  name: 'artifact_usage.list',
  permission: 'artifact:read',
  input: Type.Object({ artifact_id: id, ...pageInput }, strict),
  output: pageOf(UsageSchema),
  async run(context, { artifact_id: artifact, limit = defaultPageSize, page_token }) {
    const { tx } = context;
    await artifactOf(tx, artifact);
    const [at, passed] = placeOf(page_token, 2) ?? [];
    const from = at === undefined || passed === undefined ? undefined : { at, passed: Number(passed) };
    if (from && !(Number.isSafeInteger(from.passed) && from.passed >= 0)) {
      throw invalid('page_token: not a token of this list', 'page_token');
    }
    const rows = await atPlace(page_token === undefined ? undefined : [page_token], () =>
      queries.listUsages(tx, artifact, from, limit + 1),
    );
    // A place names no project: the last of a page may be one that the caller may not read.
    const passedAt = (row: (typeof rows)[number]): number =>
      rows.slice(0, rows.indexOf(row) + 1).filter(({ place }) => place === row.place).length +
      (row.place === from?.at ? from.passed : 0);
    return pageFrom(rows, limit, (row) => [row.place, String(passedAt(row))], await usageFor(context));
  },
});

/** The active artifacts that are most worth using. */
export const topArtifacts = defineOperation({
  name: 'artifact_top.list',
  permission: 'artifact:read',
  input: Type.Object(
    {
      type: Type.Optional(schemas.artifactType),
      by: Type.Optional(
        Type.Enum(['impact', 'uses'], {
          default: 'impact',
          description: `impact: by the lower end of the interval of what they add to success, so that little evidence raises
nothing; behind them by uses, those of which nothing is known. uses: by how many projects use them.`,
        }),
      ),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
    },
    strict,
  ),
  output: Type.Object({ items: Type.Array(schemas.ArtifactSchema) }),
  async run({ tx }, { type, by = 'impact', limit = 10 }) {
    const found = await findArtifacts(tx, await queries.topArtifacts(tx, { type, limit, by }));
    return { items: found.map(schemas.shownArtifact) };
  },
});

const Outcomes = Type.Object({
  projects: Type.Integer({ minimum: 0 }),
  scored: Type.Integer({ minimum: 0, description: 'Projects with a success score: the n of what follows.' }),
  mean: orNull(Type.Number({ description: 'Of the success scores; null where there are none.' })),
  median: orNull(Type.Number()),
});

export const analytics = defineOperation({
  name: 'artifact_analytics.get',
  permission: 'artifact:read',
  input: Type.Object({ artifact_id: id }, strict),
  output: Type.Object({
    artifact_id: id,
    uses: Type.Integer({ minimum: 0 }),
    uses_by_month: Type.Array(
      Type.Object({ month: Type.String({ description: 'In UTC, such as 2026-11.' }), uses: Type.Integer() }),
    ),
    success: orNull(
      Type.Object(
        { users: Outcomes, others: Outcomes },
        {
          description:
            'What came of projects that use it and of all others: described, no cause is claimed. Null to who may not read projects.',
        },
      ),
    ),
    avg_impact_score: schemas.ArtifactSchema.properties.avg_impact_score,
    impact_projects: schemas.ArtifactSchema.properties.impact_projects,
    impact: orNull(schemas.Impact),
    evidence: schemas.evidence,
    impact_note: Type.String({ description: 'What the estimate says and what it does not, in plain sentences.' }),
  }),
  async run({ tx, place }, { artifact_id: artifact }) {
    const { uses, avg_impact_score, impact_projects, impact } = await artifactOf(tx, artifact);
    const success = place.permissions.has('project:read') ? await queries.outcomesOf(tx, artifact) : null;
    return {
      artifact_id: artifact,
      uses,
      uses_by_month: await queries.usesByMonth(tx, artifact),
      success,
      avg_impact_score,
      impact_projects,
      impact,
      evidence: impact?.success?.evidence ?? 'none',
      impact_note: impactNote(impact),
    };
  },
});
