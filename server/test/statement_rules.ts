import { referenceTables } from './catalogue.ts';

/** What SCALE.md asks of every statement that the server runs, and what is wrong with one. */

/** SQL without comments and with each text replaced by a blank one, so that words in them count for nothing. */
function bare(sql: string): string {
  return sql
    .replace(/\/\*[\s\S]*?\*\//g, ' ')
    .replace(/--[^\n]*/g, ' ')
    .replace(/'(?:[^']|'')*'/g, "''")
    .replace(/\s+/g, ' ')
    .trim();
}

const volatile = /\b(?:random|gen_random_uuid|clock_timestamp|nextval|timeofday|uuidv[47]|pg_sleep)\s*\(/i;

/** Words that may follow a table's name and are no alias of it. */
const notAliases = new Set(
  (
    'where on set join left right inner outer cross full natural group order limit offset for returning values select ' +
    'union except intersect using having window with as default do not and or'
  ).split(' '),
);

interface Mention {
  readonly table: string;
  readonly alias: string;
  /** Where in the statement, to find the query it stands in. */
  readonly at: number;
  readonly inserted: boolean;
}

function mentionsOf(sql: string): Mention[] {
  const found: Mention[] = [];
  const pattern = /(\binto\s+)?(?<![\w.])"?maestro"?\."?(\w+)"?(\s*\()?(?:\s+(?:as\s+)?"?([a-z_]\w*)"?)?/gi;
  for (const match of sql.matchAll(pattern)) {
    const [, into, table = '', call, alias = ''] = match;
    if (call !== undefined && into === undefined) continue;
    const isAlias = alias !== '' && !notAliases.has(alias.toLowerCase());
    found.push({ table, alias: isAlias ? alias : table, at: match.index, inserted: into !== undefined });
  }
  return found;
}

/** The innermost parentheses around a place, or the whole: the query that a table is mentioned in. */
function queryAround(sql: string, at: number): string {
  let depth = 0;
  let start = 0;
  for (let index = at; index >= 0; index -= 1) {
    if (sql[index] === ')') depth += 1;
    if (sql[index] === '(' && depth-- === 0) {
      start = index + 1;
      break;
    }
  }
  depth = 0;
  for (let index = at; index < sql.length; index += 1) {
    if (sql[index] === '(') depth += 1;
    if (sql[index] === ')' && depth-- === 0) return sql.slice(start, index);
  }
  return sql.slice(start);
}

/** What a tenant is given as: a parameter, or in a function of ours its argument. */
const tenantValue = String.raw`(?:\$\d+(?:::uuid)?|tenant)`;

function isKeyed(sql: string, { alias, at, inserted, table }: Mention): boolean {
  const query = queryAround(sql, at);
  if (inserted) return /into\s+\S+(?:\s+as\s+\w+)?\s*\(\s*"?tenant_id"?/i.test(query);
  const column = String.raw`(?<![\w.])"?${alias}"?\."?tenant_id"?`;
  const qualified = new RegExp(String.raw`${column}\s*=\s*${tenantValue}|${tenantValue}\s*=\s*${column}`, 'i');
  if (qualified.test(query)) return true;
  // Unqualified, it says which table it means only where there is one.
  const others = mentionsOf(query).filter((other) => other.table !== table);
  const plain = new RegExp(String.raw`(?<![\w."])"?tenant_id"?\s*=\s*${tenantValue}`, 'i');
  return others.length === 0 && plain.test(query);
}

/**
 * What breaks the rules in one statement (or the body of one function) over the tables `tenantTables`. Each fault is
 * a phrase.
 */
export function statementFaults(text: string, tenantTables: ReadonlySet<string>): string[] {
  const sql = bare(text);
  const faults: string[] = [];
  const mentions = mentionsOf(sql);
  for (const mention of mentions) {
    if (tenantTables.has(mention.table) && !isKeyed(sql, mention)) {
      faults.push(`${mention.table} (as ${mention.alias}) without tenant_id = $n`);
    }
  }
  const isOverTenants = mentions.some(({ table }) => tenantTables.has(table));
  const isOverReferences = mentions.some(({ table }) => table in referenceTables);
  if (isOverTenants && isOverReferences) faults.push('joins a tenant table and a reference table');
  if (/\bset_config\s*\(/i.test(sql)) faults.push('uses set_config, which never reaches the workers');
  if (/\bcurrent_setting\s*\(/i.test(sql)) faults.push('reads the tenant by current_setting: 32 tasks instead of one');
  if (/\bmerge\s+into\b/i.test(sql)) faults.push('uses MERGE');
  for (const update of sql.matchAll(/\bupdate\s+(?!set\b)\S+[^;]*?\bset\b([^;]*)/gi)) {
    if (volatile.test(update[1] ?? '')) faults.push('calls a volatile function in an UPDATE');
  }
  for (const insert of sql.matchAll(/\binsert\s+into\b[^;]*/gi)) {
    const [statement] = insert;
    if (/\bunnest\s*\(/i.test(statement) && !/\bon conflict\b|\breturning\b/i.test(statement)) {
      faults.push('INSERT … SELECT unnest(…) without ON CONFLICT or RETURNING becomes a COPY');
    }
    if (/\bvalues\s*\(\s*[^;]*\(\s*select\b/i.test(statement)) faults.push('has a subquery in VALUES');
  }
  if (/\b(?:pg_)?(?:try_)?advisory_(?:xact_)?lock|pg_(?:try_)?advisory/i.test(sql))
    faults.push('takes an advisory lock');
  if (/\bnotify\b|\bpg_notify\s*\(/i.test(sql)) faults.push('sends NOTIFY');
  return [...new Set(faults)];
}

/** What is wrong with how the transactions of a connection follow from its statements, in order. */
export function transactionFaults(statements: readonly string[], tenantTables: ReadonlySet<string>): string[] {
  const faults: string[] = [];
  let place = -1;
  let entered: 'tenant' | 'identity' | undefined;
  for (const text of statements) {
    const sql = bare(text);
    if (/^begin\b/i.test(sql)) {
      place = 0;
      entered = undefined;
      continue;
    }
    if (/^(?:commit|rollback)\b/i.test(sql)) {
      place = -1;
      continue;
    }
    if (place >= 0) place += 1;
    if (/\bset_tenant\s*\(/i.test(sql)) {
      if (place !== 1) faults.push('set_tenant is not the first statement after BEGIN');
      entered = 'tenant';
    }
    if (/\benter_identity\s*\(/i.test(sql)) entered = 'identity';
    if (/^savepoint\b/i.test(sql)) faults.push('a savepoint');
    if (/\bset\s+(?:local\s+|session\s+)?"?maestro\b/i.test(sql)) faults.push(`sets the tenant by itself: ${sql}`);
    const isOverTenants = mentionsOf(sql).some(({ table }) => tenantTables.has(table));
    if (isOverTenants && entered !== 'tenant') faults.push(`outside a tenant's transaction: ${sql.slice(0, 200)}`);
  }
  return faults;
}
