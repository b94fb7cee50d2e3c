-- Up Migration

-- An invitation gives no more than whoever made it may give when it is accepted: all whom the maker is bound by (as a
-- key is), and the key that it was made with.
ALTER TABLE maestro.one_time_tokens
  ADD COLUMN bound_user_ids uuid[] NOT NULL DEFAULT '{}',
  ADD COLUMN bound_account_ids uuid[] NOT NULL DEFAULT '{}',
  ADD COLUMN key_id uuid;

-- Who made those that are open is known where it was a user, but not whether a key of theirs that allows less: they end,
-- and are made anew. Migrations see rows only where a table's security is lifted.
ALTER TABLE maestro.one_time_tokens NO FORCE ROW LEVEL SECURITY;
UPDATE maestro.one_time_tokens SET ended_at = now()
 WHERE tenant_id IS NOT NULL AND used_at IS NULL AND ended_at IS NULL;
ALTER TABLE maestro.one_time_tokens FORCE ROW LEVEL SECURITY;

-- Down Migration

ALTER TABLE maestro.one_time_tokens
  DROP COLUMN bound_user_ids, DROP COLUMN bound_account_ids, DROP COLUMN key_id;
