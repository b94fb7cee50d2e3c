-- Up Migration

-- What stands in the audit logs was written in the open until now. It is chained as it is: evidence is not rewritten.
-- The owner is bound by row-level security as everybody is, and sees no row to chain while it is forced.
ALTER TABLE maestro.audit_events NO FORCE ROW LEVEL SECURITY;
ALTER TABLE maestro.operator_audit_events NO FORCE ROW LEVEL SECURITY;

-- json, not jsonb, keeps the very text that is hashed. `person` names the key that `personal` is sealed with.
ALTER TABLE maestro.audit_events
  ALTER COLUMN detail DROP DEFAULT,
  ALTER COLUMN detail TYPE json USING detail::text::json,
  ALTER COLUMN detail SET DEFAULT '{}',
  ADD COLUMN seq bigint CHECK (seq > 0),
  ADD COLUMN person text NOT NULL DEFAULT '',
  ADD COLUMN personal bytea,
  ADD COLUMN previous_hash bytea CHECK (octet_length(previous_hash) = 32),
  ADD COLUMN hash bytea CHECK (octet_length(hash) = 32);
ALTER TABLE maestro.operator_audit_events
  ALTER COLUMN detail DROP DEFAULT,
  ALTER COLUMN detail TYPE json USING detail::text::json,
  ALTER COLUMN detail SET DEFAULT '{}',
  ADD COLUMN seq bigint CHECK (seq > 0),
  ADD COLUMN person text NOT NULL DEFAULT '',
  ADD COLUMN personal bytea,
  ADD COLUMN copy_to uuid[] NOT NULL DEFAULT '{}',
  ADD COLUMN previous_hash bytea CHECK (octet_length(previous_hash) = 32),
  ADD COLUMN hash bytea CHECK (octet_length(hash) = 32);

-- SHA-256 over the hash before and every stored field, each behind its length in four bytes (-1: NULL), so that no two
-- rows read the same. audit/chain.ts computes the same from what is stored.
CREATE FUNCTION maestro.audit_hash(
  previous bytea, chain text, seq bigint, event uuid, at timestamptz, texts text[], copies text, personal bytea
) RETURNS bytea LANGUAGE sql AS $$
  SELECT sha256(previous || string_agg(
      int4send(coalesce(octet_length(f.field), -1)) || coalesce(f.field, ''::bytea), ''::bytea ORDER BY f.n))
    FROM (
      SELECT convert_to(t.field, 'UTF8') AS field, t.n
        FROM unnest(ARRAY['maestro audit 1', chain, seq::text, event::text,
                          (extract(epoch FROM at) * 1000000)::bigint::text] || texts || ARRAY[copies])
          WITH ORDINALITY AS t(field, n)
      UNION ALL SELECT personal, 1000
    ) f
$$;

-- The last row of each chain. Appending locks it, so that numbers are without gaps.
CREATE TABLE maestro.audit_heads (
  tenant_id uuid PRIMARY KEY,
  seq bigint NOT NULL CHECK (seq >= 0),
  hash bytea NOT NULL CHECK (octet_length(hash) = 32)
);
CREATE TABLE maestro.operator_audit_heads (
  chain text PRIMARY KEY CHECK (chain = 'operators'),
  seq bigint NOT NULL CHECK (seq >= 0),
  hash bytea NOT NULL CHECK (octet_length(hash) = 32)
);

-- Where a chain begins after retention took its first rows: the last one taken, signed.
CREATE TABLE maestro.audit_anchors (
  tenant_id uuid PRIMARY KEY,
  seq bigint NOT NULL CHECK (seq > 0),
  hash bytea NOT NULL CHECK (octet_length(hash) = 32),
  signed text NOT NULL
);
CREATE TABLE maestro.operator_audit_anchors (
  chain text PRIMARY KEY CHECK (chain = 'operators'),
  seq bigint NOT NULL CHECK (seq > 0),
  hash bytea NOT NULL CHECK (octet_length(hash) = 32),
  signed text NOT NULL
);

-- Copies of the operators' rows that a tenant is still to get: written with the row, gone when the copy is there.
CREATE TABLE maestro.audit_copies (
  event_id uuid NOT NULL,
  tenant_id uuid NOT NULL,
  PRIMARY KEY (event_id, tenant_id)
);

-- A key for each person, itself sealed; where it was destroyed, nothing is left but that it was.
CREATE TABLE maestro.person_keys (
  person text PRIMARY KEY,
  sealed_key bytea,
  created_at timestamptz NOT NULL DEFAULT now(),
  destroyed_at timestamptz,
  CHECK ((sealed_key IS NULL) = (destroyed_at IS NOT NULL))
);

ALTER TABLE maestro.users ADD COLUMN deleted_at timestamptz;

DO $$
DECLARE
  chained record;
  chain uuid;
  last_seq bigint := 0;
  last_hash bytea;
  next_hash bytea;
  genesis CONSTANT bytea := decode(repeat('00', 32), 'hex');
BEGIN
  FOR chained IN SELECT * FROM maestro.audit_events ORDER BY tenant_id, created_at, event_id LOOP
    IF chain IS DISTINCT FROM chained.tenant_id THEN
      chain := chained.tenant_id;
      last_seq := 0;
      last_hash := genesis;
    END IF;
    last_seq := last_seq + 1;
    next_hash := maestro.audit_hash(last_hash, chain::text, last_seq, chained.event_id, chained.created_at,
      ARRAY[chained.actor_kind, chained.actor_id, chained.action, chained.target, chained.outcome, chained.request_id,
            chained.address, chained.detail::text, chained.person], NULL, NULL);
    UPDATE maestro.audit_events SET seq = last_seq, previous_hash = last_hash, hash = next_hash
     WHERE tenant_id = chain AND event_id = chained.event_id;
    INSERT INTO maestro.audit_heads (tenant_id, seq, hash) VALUES (chain, last_seq, next_hash)
    ON CONFLICT (tenant_id) DO UPDATE SET seq = last_seq, hash = next_hash;
    last_hash := next_hash;
  END LOOP;
  last_seq := 0;
  last_hash := genesis;
  FOR chained IN SELECT * FROM maestro.operator_audit_events ORDER BY created_at, event_id LOOP
    last_seq := last_seq + 1;
    next_hash := maestro.audit_hash(last_hash, 'operators', last_seq, chained.event_id, chained.created_at,
      ARRAY[chained.actor_kind, chained.actor_id, chained.action, chained.target, chained.outcome, chained.request_id,
            chained.address, chained.detail::text, chained.person], chained.copy_to::text, NULL);
    UPDATE maestro.operator_audit_events SET seq = last_seq, previous_hash = last_hash, hash = next_hash
     WHERE event_id = chained.event_id;
    last_hash := next_hash;
  END LOOP;
  INSERT INTO maestro.operator_audit_heads (chain, seq, hash) VALUES ('operators', last_seq, last_hash);
END
$$;

ALTER TABLE maestro.audit_events
  DROP CONSTRAINT audit_events_pkey,
  ALTER COLUMN previous_hash SET NOT NULL,
  ALTER COLUMN hash SET NOT NULL,
  ADD PRIMARY KEY (tenant_id, seq),
  ADD UNIQUE (tenant_id, event_id);
CREATE INDEX audit_events_by_actor ON maestro.audit_events (tenant_id, actor_id, seq);
CREATE INDEX audit_events_by_target ON maestro.audit_events (tenant_id, target, seq);
ALTER TABLE maestro.operator_audit_events
  DROP CONSTRAINT operator_audit_events_pkey,
  ALTER COLUMN previous_hash SET NOT NULL,
  ALTER COLUMN hash SET NOT NULL,
  ADD PRIMARY KEY (seq),
  ADD UNIQUE (event_id);
CREATE INDEX operator_audit_events_by_actor ON maestro.operator_audit_events (actor_id, seq);
CREATE INDEX operator_audit_events_by_target ON maestro.operator_audit_events (target, seq);
ALTER TABLE maestro.audit_events FORCE ROW LEVEL SECURITY;
ALTER TABLE maestro.operator_audit_events FORCE ROW LEVEL SECURITY;

-- Appends to a tenant's chain and gives the row's number; NULL where the event is there already (a copy made again).
-- `happened` is when what is recorded took place, for copies; without it, now.
CREATE FUNCTION maestro.append_audit_event(
  tenant uuid, event uuid, happened timestamptz, actor_kind text, actor_id text, action text, target text, outcome text,
  request_id text, address text, detail text, person text, personal bytea
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  last_seq bigint;
  last_hash bytea;
  next_hash bytea;
  at timestamptz;
BEGIN
  SELECT h.seq, h.hash INTO last_seq, last_hash
    FROM maestro.audit_heads h WHERE h.tenant_id = tenant FOR UPDATE;
  IF NOT FOUND THEN
    INSERT INTO maestro.audit_heads (tenant_id, seq, hash) VALUES (tenant, 0, decode(repeat('00', 32), 'hex'))
    ON CONFLICT DO NOTHING;
    SELECT h.seq, h.hash INTO last_seq, last_hash
      FROM maestro.audit_heads h WHERE h.tenant_id = tenant FOR UPDATE;
  END IF;
  IF happened IS NOT NULL AND EXISTS (
    SELECT FROM maestro.audit_events e WHERE e.tenant_id = tenant AND e.event_id = event
  ) THEN
    RETURN NULL;
  END IF;
  at := coalesce(happened, clock_timestamp());
  next_hash := maestro.audit_hash(last_hash, tenant::text, last_seq + 1, event, at,
    ARRAY[actor_kind, actor_id, action, target, outcome, request_id, address, detail, person], NULL, personal);
  INSERT INTO maestro.audit_events (tenant_id, seq, event_id, created_at, actor_kind, actor_id, action, target, outcome,
                                    request_id, address, detail, person, personal, previous_hash, hash)
  VALUES (tenant, last_seq + 1, event, at, actor_kind, actor_id, action, target, outcome,
          request_id, address, detail::json, person, personal, last_hash, next_hash);
  UPDATE maestro.audit_heads h SET seq = last_seq + 1, hash = next_hash WHERE h.tenant_id = tenant;
  RETURN last_seq + 1;
END
$$;

-- Appends to the operators' chain, and notes which tenants are to get a copy.
CREATE FUNCTION maestro.append_operator_audit_event(
  event uuid, actor_kind text, actor_id text, action text, target text, outcome text,
  request_id text, address text, detail text, person text, personal bytea, copies uuid[]
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  last_seq bigint;
  last_hash bytea;
  next_hash bytea;
  at timestamptz;
BEGIN
  INSERT INTO maestro.audit_copies (event_id, tenant_id)
  SELECT event, c.id FROM unnest(copies) AS c(id) ON CONFLICT DO NOTHING;
  SELECT h.seq, h.hash INTO STRICT last_seq, last_hash
    FROM maestro.operator_audit_heads h WHERE h.chain = 'operators' FOR UPDATE;
  at := clock_timestamp();
  next_hash := maestro.audit_hash(last_hash, 'operators', last_seq + 1, event, at,
    ARRAY[actor_kind, actor_id, action, target, outcome, request_id, address, detail, person], copies::text, personal);
  INSERT INTO maestro.operator_audit_events (seq, event_id, created_at, actor_kind, actor_id, action, target, outcome,
                                             request_id, address, detail, person, personal, copy_to, previous_hash, hash)
  VALUES (last_seq + 1, event, at, actor_kind, actor_id, action, target, outcome,
          request_id, address, detail::json, person, personal, copies, last_hash, next_hash);
  UPDATE maestro.operator_audit_heads h SET seq = last_seq + 1, hash = next_hash WHERE h.chain = 'operators';
  RETURN last_seq + 1;
END
$$;

SELECT maestro.isolate_by_tenant(t) FROM unnest(ARRAY['maestro.audit_heads', 'maestro.audit_anchors']::regclass[]) AS t;
SELECT maestro.isolate_as_identity(t) FROM unnest(ARRAY[
  'maestro.operator_audit_heads', 'maestro.operator_audit_anchors', 'maestro.audit_copies',
  'maestro.person_keys']::regclass[]) AS t;

-- Down Migration

DROP FUNCTION maestro.append_audit_event, maestro.append_operator_audit_event, maestro.audit_hash;
ALTER TABLE maestro.users DROP COLUMN deleted_at;
DROP TABLE maestro.person_keys, maestro.audit_copies, maestro.operator_audit_anchors, maestro.audit_anchors,
  maestro.operator_audit_heads, maestro.audit_heads;
ALTER TABLE maestro.audit_events
  DROP COLUMN seq, DROP COLUMN person, DROP COLUMN personal, DROP COLUMN previous_hash, DROP COLUMN hash,
  DROP CONSTRAINT audit_events_tenant_id_event_id_key,
  ADD PRIMARY KEY (tenant_id, event_id),
  ALTER COLUMN detail DROP DEFAULT,
  ALTER COLUMN detail TYPE jsonb USING detail::text::jsonb,
  ALTER COLUMN detail SET DEFAULT '{}';
ALTER TABLE maestro.operator_audit_events
  DROP COLUMN seq, DROP COLUMN person, DROP COLUMN personal, DROP COLUMN copy_to, DROP COLUMN previous_hash,
  DROP COLUMN hash,
  DROP CONSTRAINT operator_audit_events_event_id_key,
  ADD PRIMARY KEY (event_id),
  ALTER COLUMN detail DROP DEFAULT,
  ALTER COLUMN detail TYPE jsonb USING detail::text::jsonb,
  ALTER COLUMN detail SET DEFAULT '{}';
