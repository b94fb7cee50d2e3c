import type { ClientBase } from 'pg';

/** PostgreSQL's types as the driver gives them: int8 as a number, date as its text (see tenancy.ts), bytea as a Buffer. */
const typeOf: Record<string, string> = {
  uuid: 'string',
  text: 'string',
  bool: 'boolean',
  int2: 'number',
  int4: 'number',
  int8: 'number',
  float8: 'number',
  timestamptz: 'Timestamp',
  date: 'string',
  json: 'Json',
  jsonb: 'Json',
  bytea: 'Buffer',
  _uuid: 'string[]',
  _int8: 'number[]',
  _float8: 'number[]',
  _text: 'string[]',
};

interface Column {
  table: string;
  column: string;
  type: string;
  nullable: boolean;
  defaulted: boolean;
}

const pascal = (name: string) => name.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** The source of tables.ts: an interface for each table of schema maestro, read from the catalogue. */
export async function tableTypes(client: ClientBase): Promise<string> {
  const { rows } = await client.query<Column>(
    `SELECT c.relname AS table, a.attname AS column, t.typname AS type, NOT a.attnotnull AS nullable,
            a.atthasdef AS defaulted
       FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_type t ON t.oid = a.atttypid
      WHERE c.relnamespace = 'maestro'::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0
        AND NOT a.attisdropped AND c.relname <> 'migrations'
      ORDER BY c.relname, a.attnum`,
  );
  const tables = Map.groupBy(rows, (row) => row.table);
  const interfaces = [...tables].map(([table, columns]) => {
    const fields = columns.map(({ column, type, nullable, defaulted }) => {
      const known = typeOf[type];
      if (!known) throw new Error(`table_types.ts knows no type for ${table}.${column} (${type})`);
      const full = nullable ? `${known} | null` : known;
      if (!defaulted) return `  ${column}: ${full};`;
      // A column type of its own does not nest in Generated.
      return `  ${column}: ${known === 'Timestamp' || known === 'Json' ? `Generated${known}` : `Generated<${full}>`};`;
    });
    return `export interface ${pascal(table)} {\n${fields.join('\n')}\n}\n`;
  });
  return [
    '// Generated from the catalogue by `npm run db -- types`; an integration test fails when it is out of date.',
    "import type { ColumnType, Generated } from 'kysely';\n",
    'type Timestamp = ColumnType<Date, Date | string, Date | string>;',
    'type GeneratedTimestamp = ColumnType<Date, Date | string | undefined, Date | string>;',
    'type Json = ColumnType<unknown, string, string>;',
    'type GeneratedJson = ColumnType<unknown, string | undefined, string>;\n',
    ...interfaces,
    `export interface DB {\n${[...tables.keys()].map((table) => `  ${table}: ${pascal(table)};`).join('\n')}\n}\n`,
  ].join('\n');
}
