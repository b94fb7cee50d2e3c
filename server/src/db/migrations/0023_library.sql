-- Up Migration

-- What text search finds things by: words as they stand, their stems, and facets (`=tag:nlp`), each with how much it
-- says of its subject, from 1 to 1000. An inverted index in an ordinary table: under row-level security only comparisons
-- reach an index, `@@` and `%` do not. The key gives the best subjects of a term first.
CREATE TABLE maestro.search_terms (
  tenant_id uuid NOT NULL,
  kind text COLLATE "C" NOT NULL CHECK (kind IN ('artifact', 'project')),
  term text COLLATE "C" NOT NULL,
  weight smallint NOT NULL,
  subject_id uuid NOT NULL,
  PRIMARY KEY (tenant_id, kind, term, weight, subject_id)
);
CREATE INDEX search_terms_by_subject ON maestro.search_terms (tenant_id, kind, subject_id, term) INCLUDE (weight);

-- Words that a tenant's texts have had, and the trigrams of each, by which a misspelt one is found. They are only ever
-- added to: whether a word still leads anywhere, search_terms says.
CREATE TABLE maestro.search_words (
  tenant_id uuid NOT NULL,
  word text COLLATE "C" NOT NULL,
  PRIMARY KEY (tenant_id, word)
);

CREATE TABLE maestro.search_trigrams (
  tenant_id uuid NOT NULL,
  trigram text COLLATE "C" NOT NULL,
  word text COLLATE "C" NOT NULL,
  PRIMARY KEY (tenant_id, trigram, word)
);

-- An entry of the reuse library. `created_by` is the id of a user or of a service account. `versions` counts what it has
-- ever had, `uses` the rows of artifact_usages. The score is null until the impact model has judged `impact_projects`
-- projects.
CREATE TABLE maestro.artifacts (
  tenant_id uuid NOT NULL,
  artifact_id uuid NOT NULL DEFAULT gen_random_uuid(),
  name text COLLATE "C" NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  type text COLLATE "C" NOT NULL CHECK (type ~ '^[a-z][a-z0-9_]{0,62}$'),
  description text NOT NULL DEFAULT '',
  tags text[] COLLATE "C" NOT NULL DEFAULT '{}',
  is_active boolean NOT NULL DEFAULT true,
  deprecation_reason text,
  versions integer NOT NULL DEFAULT 0,
  uses bigint NOT NULL DEFAULT 0,
  avg_impact_score double precision,
  impact_projects integer NOT NULL DEFAULT 0,
  created_by text COLLATE "C" NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (tenant_id, artifact_id),
  UNIQUE (tenant_id, name)
);
CREATE INDEX artifacts_by_time ON maestro.artifacts (tenant_id, created_at, artifact_id);
CREATE INDEX artifacts_by_use ON maestro.artifacts (tenant_id, uses, artifact_id);
CREATE INDEX artifacts_by_impact ON maestro.artifacts (tenant_id, avg_impact_score, artifact_id)
  WHERE avg_impact_score IS NOT NULL;

-- Content, once for each tenant whatever versions share it: those that refer to a row are the count of its uses.
-- `blob_id` names its file.
CREATE TABLE maestro.artifact_contents (
  tenant_id uuid NOT NULL,
  sha256 bytea NOT NULL CHECK (length(sha256) = 32),
  size bigint NOT NULL,
  blob_id uuid NOT NULL,
  PRIMARY KEY (tenant_id, sha256)
);

-- Files that no content has: of uploads under way, and of contents that are gone. A row stands before its file does, so
-- that what a crash leaves behind is found here.
CREATE TABLE maestro.artifact_leftovers (
  tenant_id uuid NOT NULL,
  blob_id uuid NOT NULL,
  since timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (tenant_id, blob_id)
);
CREATE INDEX artifact_leftovers_by_age ON maestro.artifact_leftovers (tenant_id, since);

-- `number` is the version's place among the artifact's. Content is uploaded (sha256) or elsewhere (storage_path); what was
-- promoted names the run, and the file or the model, that it came from.
CREATE TABLE maestro.artifact_versions (
  tenant_id uuid NOT NULL,
  artifact_id uuid NOT NULL,
  version text COLLATE "C" NOT NULL CHECK (length(version) BETWEEN 1 AND 100),
  number integer NOT NULL,
  description text NOT NULL DEFAULT '',
  storage_path text,
  sha256 bytea,
  file_name text,
  run_id uuid,
  run_path text,
  model_id text COLLATE "C",
  created_by text COLLATE "C" NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (tenant_id, artifact_id, version),
  UNIQUE (tenant_id, artifact_id, number),
  FOREIGN KEY (tenant_id, artifact_id) REFERENCES maestro.artifacts ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, sha256) REFERENCES maestro.artifact_contents
);
CREATE INDEX artifact_versions_by_time ON maestro.artifact_versions (tenant_id, created_at);
CREATE INDEX artifact_versions_by_content ON maestro.artifact_versions (tenant_id, sha256) WHERE sha256 IS NOT NULL;
CREATE INDEX artifact_versions_by_run ON maestro.artifact_versions (tenant_id, run_id) WHERE run_id IS NOT NULL;
CREATE INDEX artifact_versions_by_creator ON maestro.artifact_versions (tenant_id, created_by);
CREATE INDEX artifacts_by_creator ON maestro.artifacts (tenant_id, created_by);

-- That a project uses a version: once, however often it says so.
CREATE TABLE maestro.artifact_usages (
  tenant_id uuid NOT NULL,
  artifact_id uuid NOT NULL,
  version text COLLATE "C" NOT NULL,
  project_id uuid NOT NULL,
  used_by text COLLATE "C" NOT NULL,
  used_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (tenant_id, artifact_id, version, project_id),
  FOREIGN KEY (tenant_id, artifact_id, version) REFERENCES maestro.artifact_versions ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, project_id) REFERENCES maestro.projects ON DELETE CASCADE
);
CREATE INDEX artifact_usages_by_time ON maestro.artifact_usages (tenant_id, artifact_id, used_at, project_id, version);
CREATE INDEX artifact_usages_by_project ON maestro.artifact_usages (tenant_id, project_id);

SELECT maestro.isolate_by_tenant(t) FROM unnest(ARRAY[
  'maestro.search_terms', 'maestro.search_words', 'maestro.search_trigrams', 'maestro.artifacts',
  'maestro.artifact_contents', 'maestro.artifact_leftovers', 'maestro.artifact_versions',
  'maestro.artifact_usages']::regclass[]) AS t;

-- Down Migration

DROP TABLE maestro.artifact_usages, maestro.artifact_versions, maestro.artifact_leftovers, maestro.artifact_contents,
  maestro.artifacts, maestro.search_trigrams, maestro.search_words, maestro.search_terms;
DELETE FROM maestro.tenant_counters WHERE name = 'artifacts';
