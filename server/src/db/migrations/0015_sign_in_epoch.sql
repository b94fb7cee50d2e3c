-- Up Migration

-- Counts what ends a user's sessions: a sign-in that began before the last one opens no session.
ALTER TABLE maestro.users ADD COLUMN sign_in_epoch integer NOT NULL DEFAULT 0;

-- Down Migration

ALTER TABLE maestro.users DROP COLUMN sign_in_epoch;
