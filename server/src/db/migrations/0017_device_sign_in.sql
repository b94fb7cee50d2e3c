-- Up Migration

-- A program without a browser asks to be signed in, and a person answers in one (RFC 8628). Of its two codes only the
-- hashes are kept. `user_id` is who decided, proved as of `sign_in_epoch` and `authenticated_at`; `provider_domain` is that
-- of the session that approved, which opens no more to the program than to its browser.
CREATE TABLE maestro.device_sign_ins (
  device_code_hash bytea PRIMARY KEY CHECK (length(device_code_hash) = 32),
  user_code_hash bytea NOT NULL UNIQUE CHECK (length(user_code_hash) = 32),
  client_name text NOT NULL CHECK (length(client_name) BETWEEN 1 AND 100),
  tenant text,
  address text NOT NULL,
  interval_seconds integer NOT NULL,
  asked_at timestamptz,
  user_id uuid REFERENCES maestro.users ON DELETE CASCADE,
  is_approved boolean,
  sign_in_epoch integer,
  authenticated_at timestamptz,
  with_factor boolean,
  provider_domain text,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  CHECK ((user_id IS NULL) = (is_approved IS NULL)),
  CHECK (is_approved IS NOT TRUE
    OR (sign_in_epoch IS NOT NULL AND authenticated_at IS NOT NULL AND with_factor IS NOT NULL))
);
CREATE INDEX device_sign_ins_by_end ON maestro.device_sign_ins (expires_at);
CREATE INDEX device_sign_ins_by_user ON maestro.device_sign_ins (user_id);
SELECT maestro.isolate_as_identity('maestro.device_sign_ins');

-- Down Migration

DROP TABLE maestro.device_sign_ins;
