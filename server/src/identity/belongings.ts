import type { IdentityTx } from '../db/tenancy.ts';

/** A table that holds rows of people, and the condition that a row is of the user `$1`. */
export interface Belonging {
  readonly table: string;
  readonly isOwn: string;
  /** The columns that may be shown: no hash, and nothing sealed. */
  readonly columns: readonly string[];
}

const text = `
  WITH links AS (
    SELECT c.oid, c.relname, quote_ident(a.attname) AS link, f.confrelid
      FROM pg_constraint f JOIN pg_class c ON c.oid = f.conrelid
      JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = f.conkey[1]
     WHERE f.contype = 'f' AND f.confdeltype = 'c' AND f.conrelid <> 'maestro.memberships'::regclass
       AND f.confrelid IN ('maestro.users'::regclass, 'maestro.sessions'::regclass)
  )
  SELECT quote_ident(l.relname) AS "table",
         string_agg(CASE WHEN l.confrelid = 'maestro.users'::regclass THEN l.link || ' = $1'
                         ELSE l.link || ' IN (SELECT session_id FROM maestro.sessions WHERE user_id = $1)' END,
                    ' OR ' ORDER BY l.link) AS "isOwn",
         (SELECT array_agg(quote_ident(a.attname) ORDER BY a.attnum) FROM pg_attribute a
           WHERE a.attrelid = l.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.atttypid <> 'bytea'::regtype
             AND a.attname !~ 'hash|secret|sealed') AS columns
    FROM links l GROUP BY l.oid, l.relname ORDER BY l.relname`;

/**
 * The tables of what belongs to a person, but for memberships: those whose foreign keys say that it goes with the user, or
 * with a session of the user. A table of a later migration is among them by that.
 */
export const belongingsOf = (tx: IdentityTx): Promise<Belonging[]> => tx.sql<Belonging>(text);
