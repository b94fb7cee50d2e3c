-- Up Migration

-- When its user last proved who it is, and whether with a second factor or a passkey.
ALTER TABLE maestro.sessions
  ADD COLUMN authenticated_at timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN with_factor boolean NOT NULL DEFAULT false;

-- Down Migration

ALTER TABLE maestro.sessions DROP COLUMN authenticated_at, DROP COLUMN with_factor;
