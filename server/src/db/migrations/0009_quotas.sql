-- Up Migration

-- NULL: no limit of its own. What is used of the storage is the row `storage_bytes` of maestro.tenant_counters.
ALTER TABLE maestro.tenants
  ADD COLUMN max_storage_bytes bigint CHECK (max_storage_bytes >= 0),
  ADD COLUMN requests_per_second integer CHECK (requests_per_second > 0);

-- Down Migration

ALTER TABLE maestro.tenants DROP COLUMN max_storage_bytes, DROP COLUMN requests_per_second;
DELETE FROM maestro.tenant_counters WHERE name = 'storage_bytes';
