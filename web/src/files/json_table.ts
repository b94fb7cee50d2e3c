interface Table {
  readonly head: string[];
  readonly rows: string[][];
}

const shown = (value: unknown): string => {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
};

/**
 * The table in what mlflow.log_table writes (pandas' orient="split": columns, data) or in a list of objects; undefined
 * where the JSON is none.
 */
export function tableIn(value: unknown): Table | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (!Array.isArray(value)) {
    const { columns, data } = value as { columns?: unknown; data?: unknown };
    if (!Array.isArray(columns) || !Array.isArray(data) || !data.every(Array.isArray)) return undefined;
    return { head: columns.map(shown), rows: (data as unknown[][]).map((row) => row.map(shown)) };
  }
  const isRow = (row: unknown): row is Record<string, unknown> =>
    typeof row === 'object' && row !== null && !Array.isArray(row);
  if (value.length === 0 || !value.every(isRow)) return undefined;
  const head = [...new Set(value.slice(0, 1_000).flatMap(Object.keys))];
  return { head, rows: value.map((row) => head.map((name) => shown(Object.hasOwn(row, name) ? row[name] : null))) };
}
