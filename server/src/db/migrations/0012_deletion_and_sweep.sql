-- Up Migration

-- Set once a tenant's deletion has begun: it stays closed from then on, and its row goes last.
ALTER TABLE maestro.tenants ADD COLUMN deletion_began_at timestamptz;

-- What is over is found by its end, and what hangs on a session by it, so that removing it reads nothing else.
CREATE INDEX sessions_by_end ON maestro.sessions (least(expires_at, ended_at));
CREATE INDEX refresh_tokens_by_end ON maestro.refresh_tokens (expires_at);
CREATE INDEX factor_challenges_by_session ON maestro.factor_challenges (session_id);

-- Down Migration

DROP INDEX maestro.sessions_by_end, maestro.refresh_tokens_by_end, maestro.factor_challenges_by_session;
ALTER TABLE maestro.tenants DROP COLUMN deletion_began_at;
