-- Up Migration

-- The key that made a key ends it: `made_by_key` when it is revoked, `ends_by` however often the made one rotates itself.
ALTER TABLE maestro.api_keys ADD COLUMN made_by_key uuid, ADD COLUMN ends_by timestamptz;
CREATE INDEX api_keys_by_maker ON maestro.api_keys (tenant_id, made_by_key) WHERE made_by_key IS NOT NULL;

-- Down Migration

DROP INDEX maestro.api_keys_by_maker;
ALTER TABLE maestro.api_keys DROP COLUMN made_by_key, DROP COLUMN ends_by;
