import { hash, randomUUID } from 'node:crypto';
import type { TenantTx } from '../db/tenancy.ts';
import { changeFactsOf, countChanges } from './change_counts.ts';
import { reviewAnew } from './event_queries.ts';
import { type FilePlace, filesOf, renewFiles } from './file_rows.ts';
import { recountAllLeads } from './lead_cells.ts';
import { joinPersonCells, takeFromDays } from './person_cells.ts';

/** Somebody as a source tells of them. */
export interface Identity {
  readonly name: string;
  /** Empty where the source does not say it. */
  readonly email: string;
  /** At the source, such as `github:octocat`; several where it names one person in several ways. */
  readonly accounts?: readonly string[];
}

const keyMax = 320;

/** Lower case can be longer: what is kept, and looked for, is cut. */
const keyOf = (text: string): string => text.toLowerCase().slice(0, keyMax);

/** Under what a person is found: the address and the accounts, in lower case; the name where there is none of these. */
export function keysOf({ name, email, accounts = [] }: Identity): string[] {
  const keys = [email, ...accounts].filter((key) => key !== '');
  return (keys.length > 0 ? keys : [`name:${name}`]).map(keyOf);
}

/** What is kept of an address that is left out. Whoever has the database and guesses the address can check the guess. */
export const leftOutHash = (project: string, key: string): Buffer => hash('sha256', `${project} ${key}`, 'buffer');

/**
 * Takes turns with whatever else tells of the project's code, to the end of the transaction. False where there is no such
 * project. References to the project are not kept waiting.
 */
export async function takeTurn(tx: TenantTx, project: string): Promise<boolean> {
  const rows = await tx.sql(
    'SELECT 1 FROM maestro.projects WHERE tenant_id = $1 AND project_id = $2 FOR NO KEY UPDATE',
    [tx.tenantId, project],
    'code_turn',
  );
  return rows.length > 0;
}

interface Known {
  /** By address or account. */
  readonly persons: Map<string, string>;
  readonly leftOut: Set<string>;
}

async function knownOf(tx: TenantTx, project: string, keys: readonly string[]): Promise<Known> {
  const aliases = await tx.sql<{ email: string; person_id: string }>(
    `SELECT email, person_id FROM maestro.code_aliases
      WHERE tenant_id = $1 AND project_id = $2 AND email = ANY($3::text[])`,
    [tx.tenantId, project, keys],
    'code_aliases',
  );
  const byHash = new Map(keys.map((key) => [leftOutHash(project, key).toString('hex'), key]));
  const hidden = await tx.sql<{ address_hash: Buffer; person_id: string }>(
    `SELECT address_hash, person_id FROM maestro.code_left_out
      WHERE tenant_id = $1 AND project_id = $2 AND address_hash = ANY($3::bytea[])`,
    [tx.tenantId, project, [...byHash.keys()].map((hex) => Buffer.from(hex, 'hex'))],
    'code_left_out',
  );
  const persons = new Map(aliases.map(({ email, person_id }) => [email, person_id]));
  for (const { address_hash, person_id } of hidden) {
    persons.set(byHash.get(address_hash.toString('hex')) as string, person_id);
  }
  return { persons, leftOut: new Set(hidden.map(({ person_id }) => person_id)) };
}

/** Makes two people one, with all that is told of them. `hides`: the second one is left out, and so is the first from now on. */
async function mergePeople(tx: TenantTx, project: string, from: string, into: string, hides: boolean): Promise<void> {
  const values = [tx.tenantId, project, from, into];
  const before = await changeFactsOf(tx, project, [from, into]);
  if (hides) await takeFromDays(tx, project, [from]);
  await joinPersonCells(tx, project, from, into);
  for (const table of ['code_aliases', 'code_commits', 'code_changes', 'code_reviews', 'code_left_out']) {
    await tx.sql(
      `UPDATE maestro.${table} SET person_id = $4 WHERE tenant_id = $1 AND project_id = $2 AND person_id = $3`,
      values,
    );
  }
  const files = await tx.sql<FilePlace>(
    `INSERT INTO maestro.code_file_people AS f
       (tenant_id, project_id, repository, path, person_id, changes, first_at, last_at)
     SELECT $1, $2, o.repository, o.path, $4, o.changes, o.first_at, o.last_at
       FROM maestro.code_file_people o WHERE o.tenant_id = $1 AND o.project_id = $2 AND o.person_id = $3
     ON CONFLICT (tenant_id, project_id, repository, path, person_id) DO UPDATE
       SET changes = f.changes + EXCLUDED.changes, first_at = least(f.first_at, EXCLUDED.first_at),
           last_at = greatest(f.last_at, EXCLUDED.last_at)
     RETURNING repository, path`,
    values,
  );
  await tx.sql('DELETE FROM maestro.code_people WHERE tenant_id = $1 AND project_id = $2 AND person_id = $3', [
    tx.tenantId,
    project,
    from,
  ]);
  await reviewAnew(tx, project, [into]);
  const moved = before.map((facts) => (facts.person_id === from ? { ...facts, person_id: into } : facts));
  await countChanges(tx, project, moved, await changeFactsOf(tx, project, [into]));
  await renewFiles(tx, project, files, files);
  if (hides) await recountAllLeads(tx, project);
}

/**
 * The ids of people, by the keys under which they are named; makes those who are new. What one source tells of one person
 * under several keys makes one person of all who had any of them. To be called in turn (see `takeTurn`).
 */
export async function resolvePeople(
  tx: TenantTx,
  project: string,
  identities: readonly Identity[],
): Promise<ReadonlyMap<string, string>> {
  const groups = new Map(identities.map((identity) => [keysOf(identity).join('\0'), identity]));
  const { persons, leftOut } = await knownOf(tx, project, [...new Set([...groups.values()].flatMap(keysOf))]);
  const people = { ids: [] as string[], names: [] as string[], emails: [] as string[] };
  const aliases = { keys: [] as string[], ids: [] as string[] };
  for (const identity of groups.values()) {
    const keys = keysOf(identity);
    const found = [...new Set(keys.flatMap((key) => persons.get(key) ?? []))];
    const person = found.find((id) => leftOut.has(id)) ?? found[0] ?? randomUUID();
    for (const other of found) {
      if (other === person) continue;
      await insertAliases(tx, project, people, aliases);
      await mergePeople(tx, project, other, person, leftOut.has(person) && !leftOut.has(other));
      if (leftOut.has(person)) await hideAddresses(tx, project, [person]);
      for (const [key, id] of persons) if (id === other) persons.set(key, person);
    }
    if (found.length === 0) {
      people.ids.push(person);
      people.names.push(identity.name);
      people.emails.push(keyOf(identity.email));
    }
    for (const key of keys) {
      if (persons.get(key) === person) continue;
      persons.set(key, person);
      if (leftOut.has(person)) await insertLeftOut(tx, project, person, [key]);
      else {
        aliases.keys.push(key);
        aliases.ids.push(person);
      }
    }
  }
  await insertAliases(tx, project, people, aliases);
  return persons;
}

/** Makes people one who have several addresses, and calls them by the one that stands for all. */
export async function nameTogether(
  tx: TenantTx,
  project: string,
  given: readonly { readonly name: string; readonly email: string; readonly addresses: readonly string[] }[],
): Promise<void> {
  const identities = given.map(({ name, email, addresses }) => ({ name, email, accounts: addresses }));
  const persons = await resolvePeople(tx, project, identities);
  await tx.sql(
    `UPDATE maestro.code_people p SET name = n.name, email = n.email
       FROM unnest($3::uuid[], $4::text[], $5::text[]) AS n(person_id, name, email)
      WHERE p.tenant_id = $1 AND p.project_id = $2 AND p.person_id = n.person_id AND NOT p.is_left_out`,
    [
      ...[tx.tenantId, project, given.map(({ email }) => persons.get(keyOf(email)))],
      ...[given.map(({ name }) => name), given.map(({ email }) => keyOf(email))],
    ],
    'name_code_people',
  );
}

/** Writes what was gathered, and empties it. */
async function insertAliases(
  tx: TenantTx,
  project: string,
  people: { ids: string[]; names: string[]; emails: string[] },
  aliases: { keys: string[]; ids: string[] },
): Promise<void> {
  if (aliases.keys.length === 0) return;
  await tx.sql(
    `INSERT INTO maestro.code_people (tenant_id, project_id, person_id, name, email)
     SELECT $1, $2, p.id, p.name, p.email FROM unnest($3::uuid[], $4::text[], $5::text[]) AS p(id, name, email)
     ON CONFLICT (tenant_id, project_id, person_id) DO NOTHING`,
    [tx.tenantId, project, people.ids.splice(0), people.names.splice(0), people.emails.splice(0)],
    'new_code_people',
  );
  await tx.sql(
    `INSERT INTO maestro.code_aliases (tenant_id, project_id, email, person_id)
     SELECT $1, $2, a.key, a.person FROM unnest($3::text[], $4::uuid[]) AS a(key, person)
     ON CONFLICT (tenant_id, project_id, email) DO NOTHING`,
    [tx.tenantId, project, aliases.keys.splice(0), aliases.ids.splice(0)],
    'new_code_aliases',
  );
}

async function insertLeftOut(tx: TenantTx, project: string, person: string, keys: readonly string[]): Promise<void> {
  await tx.sql(
    `INSERT INTO maestro.code_left_out (tenant_id, project_id, address_hash, person_id)
     SELECT $1, $2, k.hash, $4 FROM unnest($3::bytea[]) AS k(hash)
     ON CONFLICT (tenant_id, project_id, address_hash) DO NOTHING`,
    [tx.tenantId, project, keys.map((key) => leftOutHash(project, key)), person],
  );
}

/** Keeps of the addresses and accounts of people what is kept of those who are left out. */
async function hideAddresses(tx: TenantTx, project: string, persons: readonly string[]): Promise<void> {
  const aliases = await tx.sql<{ email: string; person_id: string }>(
    `DELETE FROM maestro.code_aliases WHERE tenant_id = $1 AND project_id = $2 AND person_id = ANY($3::uuid[])
     RETURNING email, person_id`,
    [tx.tenantId, project, persons],
  );
  for (const { email, person_id } of aliases) await insertLeftOut(tx, project, person_id, [email]);
}

/**
 * Leaves people out, with every address and account of theirs: what is recorded of them stays, as nobody's in particular.
 * Gives how many were not left out before.
 */
export async function leaveOut(tx: TenantTx, project: string, emails: readonly string[]): Promise<number> {
  const keys = [...new Set(emails.map(keyOf))];
  const persons = await resolvePeople(
    tx,
    project,
    keys.map((email) => ({ name: '', email })),
  );
  const ids = [...new Set(keys.map((key) => persons.get(key) as string))];
  const before = await changeFactsOf(tx, project, ids);
  await takeFromDays(tx, project, ids);
  const left = await tx.sql<{ person_id: string }>(
    `UPDATE maestro.code_people SET is_left_out = true, name = '', email = '', user_id = NULL
      WHERE tenant_id = $1 AND project_id = $2 AND person_id = ANY($3::uuid[]) AND NOT is_left_out RETURNING person_id`,
    [tx.tenantId, project, ids],
  );
  const hidden = left.map((row) => row.person_id);
  await hideAddresses(tx, project, hidden);
  await reviewAnew(tx, project, hidden);
  if (hidden.length === 0) return 0;
  await countChanges(tx, project, before, await changeFactsOf(tx, project, ids));
  const files = await filesOf(tx, project, hidden);
  await renewFiles(tx, project, files, files);
  await recountAllLeads(tx, project);
  return left.length;
}

/** Lets people in again from their next commit on; what was recorded before stays nobody's. Gives how many addresses. */
export async function letIn(tx: TenantTx, project: string, emails: readonly string[]): Promise<number> {
  const hashes = emails.map((email) => leftOutHash(project, keyOf(email)));
  const rows = await tx.sql(
    `DELETE FROM maestro.code_left_out
      WHERE tenant_id = $1 AND project_id = $2 AND address_hash = ANY($3::bytea[]) RETURNING 1`,
    [tx.tenantId, project, hashes],
  );
  return rows.length;
}
