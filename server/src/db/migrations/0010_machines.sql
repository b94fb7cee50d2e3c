-- Up Migration

-- Whoever makes an account or a key binds it: it can do no more than they can, as long as it lives. Empty: nobody, for
-- what the operator key makes. An account that made it binds it together with all that binds that account.
ALTER TABLE maestro.service_accounts
  ADD COLUMN created_by text NOT NULL DEFAULT 'maestro',
  ADD COLUMN bound_user_ids uuid[] NOT NULL DEFAULT '{}',
  ADD COLUMN bound_account_ids uuid[] NOT NULL DEFAULT '{}',
  ADD COLUMN updated_at timestamptz NOT NULL DEFAULT now();

ALTER TABLE maestro.api_keys
  -- What the key may be used for; null: whatever its holder may do.
  ADD COLUMN scopes text[] CHECK (cardinality(scopes) > 0),
  -- CIDR ranges and addresses it works from; null: any.
  ADD COLUMN allowed_addresses text[] CHECK (cardinality(allowed_addresses) > 0),
  ADD COLUMN bound_user_ids uuid[] NOT NULL DEFAULT '{}',
  ADD COLUMN bound_account_ids uuid[] NOT NULL DEFAULT '{}',
  ADD COLUMN last_used_address text,
  -- The key that a rotation made in its place.
  ADD COLUMN replaced_by uuid;

-- What was made before is bound to its makers too. Migrations see a tenant's rows only where its security is lifted.
ALTER TABLE maestro.service_accounts NO FORCE ROW LEVEL SECURITY;
ALTER TABLE maestro.api_keys NO FORCE ROW LEVEL SECURITY;

UPDATE maestro.api_keys k
   SET bound_account_ids = ARRAY[a.service_account_id]
  FROM maestro.service_accounts a
 WHERE a.tenant_id = k.tenant_id AND a.service_account_id::text = k.created_by AND k.service_account_id IS NOT NULL;
UPDATE maestro.api_keys
   SET bound_user_ids = ARRAY[created_by::uuid]
 WHERE service_account_id IS NOT NULL AND bound_account_ids = '{}'
   AND created_by ~ '^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$';
-- An account was made with its first key.
UPDATE maestro.service_accounts a
   SET created_by = k.created_by, bound_user_ids = k.bound_user_ids, bound_account_ids = k.bound_account_ids
  FROM (SELECT DISTINCT ON (tenant_id, service_account_id) *
          FROM maestro.api_keys WHERE service_account_id IS NOT NULL
         ORDER BY tenant_id, service_account_id, created_at, key_id) k
 WHERE k.tenant_id = a.tenant_id AND k.service_account_id = a.service_account_id
   AND a.service_account_id <> ALL (k.bound_account_ids);
-- And, through accounts that made accounts, to all who are responsible for those.
WITH RECURSIVE line (tenant_id, account_id, maker_id) AS (
  SELECT tenant_id, service_account_id, unnest(bound_account_ids) FROM maestro.service_accounts
   UNION
  SELECT l.tenant_id, l.account_id, unnest(a.bound_account_ids)
    FROM line l JOIN maestro.service_accounts a ON a.tenant_id = l.tenant_id AND a.service_account_id = l.maker_id
)
UPDATE maestro.service_accounts s
   SET bound_account_ids = m.accounts, bound_user_ids = m.users
  FROM (SELECT l.tenant_id, l.account_id, array_agg(DISTINCT l.maker_id) AS accounts,
               array_remove(array_agg(DISTINCT u.user_id), NULL) AS users
          FROM line l
          LEFT JOIN maestro.service_accounts a ON a.tenant_id = l.tenant_id AND a.service_account_id = l.maker_id
          LEFT JOIN LATERAL unnest(a.bound_user_ids) AS u (user_id) ON true
         WHERE l.maker_id <> l.account_id
         GROUP BY l.tenant_id, l.account_id) m
 WHERE m.tenant_id = s.tenant_id AND m.account_id = s.service_account_id;
UPDATE maestro.api_keys k
   SET bound_account_ids = a.service_account_id || a.bound_account_ids, bound_user_ids = a.bound_user_ids
  FROM maestro.service_accounts a
 WHERE a.tenant_id = k.tenant_id AND a.service_account_id = ANY (k.bound_account_ids);

ALTER TABLE maestro.service_accounts FORCE ROW LEVEL SECURITY;
ALTER TABLE maestro.api_keys FORCE ROW LEVEL SECURITY;

-- Down Migration

ALTER TABLE maestro.api_keys
  DROP COLUMN scopes, DROP COLUMN allowed_addresses, DROP COLUMN bound_user_ids, DROP COLUMN bound_account_ids,
  DROP COLUMN last_used_address, DROP COLUMN replaced_by;
ALTER TABLE maestro.service_accounts
  DROP COLUMN created_by, DROP COLUMN bound_user_ids, DROP COLUMN bound_account_ids, DROP COLUMN updated_at;
