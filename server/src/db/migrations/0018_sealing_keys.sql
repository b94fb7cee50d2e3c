-- Up Migration

-- What seals what the database must keep and nobody may read there: keys of our own, each sealed with the encryption
-- key, which is not in the database. The newest generation of a purpose is in use; those before it still open.
CREATE TABLE maestro.sealing_keys (
  purpose text NOT NULL CHECK (purpose IN ('sealing', 'statements')),
  generation integer NOT NULL CHECK (generation > 0),
  key_id text NOT NULL UNIQUE CHECK (key_id ~ '^[0-9a-f]{8}$'),
  sealed_key bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (purpose, generation)
);
SELECT maestro.isolate_as_identity('maestro.sealing_keys');

-- The name of the pepper that a code was hashed with; NULL: hashed before it was noted.
ALTER TABLE maestro.backup_codes ADD COLUMN pepper text;

-- Down Migration

ALTER TABLE maestro.backup_codes DROP COLUMN pepper;
DROP TABLE maestro.sealing_keys;
