/** What a dataset's schema and profile say, as MLflow writes them; nothing where they say it in another way. */
export interface DatasetShape {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: number | undefined;
}

const parsed = (json: string | null): unknown => {
  try {
    return JSON.parse(json ?? 'null');
  } catch {
    return null;
  }
};

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;

export function shapeOf({ schema, profile }: { schema: string | null; profile: string | null }): DatasetShape {
  const spec = fieldOf(parsed(schema), 'mlflow_colspec');
  const columns = Array.isArray(spec)
    ? spec.map((column) => ({
        name: String(fieldOf(column, 'name') ?? ''),
        type: String(fieldOf(column, 'type') ?? ''),
      }))
    : [];
  const rows = fieldOf(parsed(profile), 'num_rows');
  return { columns, rows: typeof rows === 'number' ? rows : undefined };
}
