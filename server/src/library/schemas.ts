import Type, { type Static } from 'typebox';
import { id, orNull, text, time } from '../identity/schemas.ts';
import type { ArtifactRow } from './queries.ts';
import type { VersionRow } from './version_queries.ts';

export const artifactName = text(1, 200, { description: 'One of a kind in the tenant.' });
export const artifactType = Type.String({
  pattern: '^[a-z][a-z0-9_]{0,62}$',
  description: 'feature_pipeline, model_template, schema, notebook, or one of the tenant’s own.',
});
export const description = text(0, 10_000);
export const tag = text(1, 100);
export const tags = Type.Array(tag, { maxItems: 50, uniqueItems: true });
export const version = text(1, 100, { description: 'Semantic (1.4.0) or any other name; without it the next number.' });
export const storagePath = text(1, 2000, { description: 'Where content is that is kept elsewhere.' });

export const evidence = Type.Enum(['none', 'thin', 'some', 'good'], {
  description: `none: no finished project used it, or all did. thin: fewer than 5 did, or did not, or the effect is hardly
known. good: 20 did and 20 did not, and it is known well. some: what is between.`,
});
const effectOf = (description: string) =>
  orNull(
    Type.Object(
      {
        value: Type.Number(),
        low: Type.Number({ description: 'The interval from low to high holds the truth in 80 of 100 cases.' }),
        high: Type.Number(),
        projects: Type.Integer({ minimum: 1, description: 'Finished projects with this outcome that used it.' }),
        evidence,
      },
      { description: `${description} Null: no finished project with this outcome has used it.` },
    ),
  );

/** What it changed, compared with projects that are alike but for it: estimated, see docs/insight.md. */
export const Impact = Type.Object({
  success: effectOf('Points of success that it adds.'),
  duration: effectOf('The factor on the days that a project takes: 0.9 is a tenth less.'),
  cost: effectOf('The factor on the computing costs.'),
  computed_at: time,
});

export const ArtifactSchema = Type.Object({
  artifact_id: id,
  name: artifactName,
  type: artifactType,
  description,
  tags,
  is_active: Type.Boolean({ description: 'False: deprecated.' }),
  deprecation_reason: orNull(Type.String()),
  latest_version: orNull(Type.String({ description: 'The newest by time.' })),
  uses: Type.Integer({ minimum: 0, description: 'Uses of its versions by projects.' }),
  avg_impact_score: orNull(
    Type.Number({ description: 'Points of success that it adds, estimated: impact.success.value. Null: not known.' }),
  ),
  impact_projects: Type.Integer({
    minimum: 0,
    description: 'The finished projects with a success score that used it: its n.',
  }),
  impact: orNull(Impact),
  created_by: Type.String(),
  created_at: time,
  updated_at: time,
});

export const VersionSchema = Type.Object({
  version,
  number: Type.Integer({ minimum: 1, description: 'Its place among the versions of the artifact.' }),
  description,
  storage_path: orNull(storagePath),
  sha256: orNull(Type.String({ description: 'Of the content, in hex digits; null where none is kept here.' })),
  size: orNull(Type.Integer({ minimum: 0, description: 'Bytes.' })),
  file_name: orNull(Type.String()),
  run_id: orNull(Type.String({ description: 'The run it was promoted from.' })),
  run_path: orNull(Type.String({ description: 'The file or directory of the run.' })),
  model_id: orNull(Type.String({ description: 'The logged model it was promoted from.' })),
  uses: Type.Integer({ minimum: 0 }),
  created_by: Type.String(),
  created_at: time,
});

export const shownArtifact = (row: ArtifactRow): Static<typeof ArtifactSchema> => ({
  ...row,
  created_at: row.created_at.toISOString(),
  updated_at: row.updated_at.toISOString(),
});

export const shownVersion = (row: VersionRow): Static<typeof VersionSchema> => ({
  ...row,
  created_at: row.created_at.toISOString(),
});
