-- Up Migration

-- Set once a tenant's deletion has begun: it stays closed from then on, and its row goes last.
ALTER TABLE maestro.tenants ADD COLUMN deletion_began_at timestamptz;

-- Down Migration

ALTER TABLE maestro.tenants DROP COLUMN deletion_began_at;
