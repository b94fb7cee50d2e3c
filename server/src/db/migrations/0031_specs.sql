-- Up Migration

-- The requirements text of a project. `words` are its telling words, each once, with how often it has each (`counts`) and
-- how much each says of it (`weights`, as in spec_terms); `length` is the number of words with those that repeat. `vector`
-- is its embedding by the model of that name: 4-byte floats, little end first.
CREATE TABLE maestro.project_specs (
  tenant_id uuid NOT NULL,
  project_id uuid NOT NULL,
  text text NOT NULL CHECK (length(text) BETWEEN 1 AND 200000),
  words text[] COLLATE "C" NOT NULL,
  counts integer[] NOT NULL,
  weights smallint[] NOT NULL,
  length integer NOT NULL,
  model text COLLATE "C",
  vector bytea CHECK (octet_length(vector) % 4 = 0),
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (tenant_id, project_id),
  FOREIGN KEY (tenant_id, project_id) REFERENCES maestro.projects ON DELETE CASCADE,
  CHECK ((model IS NULL) = (vector IS NULL))
);
CREATE INDEX project_specs_by_model ON maestro.project_specs (tenant_id, model, updated_at, project_id)
  WHERE model IS NOT NULL;

-- Where a word is: the specs it says most of first, `weight` from 1 to 1000. No index leads here from a project: the words
-- and weights of its spec do.
CREATE TABLE maestro.spec_terms (
  tenant_id uuid NOT NULL,
  term text COLLATE "C" NOT NULL,
  weight smallint NOT NULL,
  project_id uuid NOT NULL,
  PRIMARY KEY (tenant_id, term, weight, project_id)
);

-- In how many specs a word is. The empty word stands for all: the specs there are, and in `occurrences` their words.
CREATE TABLE maestro.spec_words (
  tenant_id uuid NOT NULL,
  term text COLLATE "C" NOT NULL,
  documents integer NOT NULL,
  occurrences bigint NOT NULL,
  PRIMARY KEY (tenant_id, term)
);

SELECT maestro.isolate_by_tenant(t)
  FROM unnest(ARRAY['maestro.project_specs', 'maestro.spec_terms', 'maestro.spec_words']::regclass[]) AS t;

-- Down Migration

DROP TABLE maestro.spec_words, maestro.spec_terms, maestro.project_specs;
