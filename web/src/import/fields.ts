/** What a column of a history may be, beside metadata, and the units that it may be in (`POST /projects/import`). */
export const importFields = [
  { name: 'name', units: [] },
  { name: 'problem_class', units: [] },
  { name: 'complexity_score', units: ['percent', 'of_10', 'of_5'] },
  { name: 'team_size', units: [] },
  { name: 'start_date', units: [] },
  { name: 'completion_date', units: [] },
  { name: 'duration_days', units: ['days', 'hours', 'weeks', 'months', 'years'] },
  { name: 'success_score', units: ['percent', 'fraction', 'of_10', 'of_5'] },
  { name: 'model_performance', units: ['ones', 'percent'] },
  { name: 'compute_cost', units: ['ones', 'thousands', 'millions'] },
  { name: 'business_impact', units: ['ones', 'thousands', 'millions', 'percent'] },
] as const;

export type FieldName = (typeof importFields)[number]['name'];

export interface Mapping {
  /** The column of each field; '' where none is. */
  readonly columns: Readonly<Partial<Record<FieldName, string>>>;
  readonly units: Readonly<Partial<Record<FieldName, string>>>;
  readonly dateFormat: string;
}

const plain = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_');

/** The fields whose columns are called like them. */
export function guessed(columns: readonly string[]): Mapping {
  const found = importFields.flatMap(({ name }) => {
    const column = columns.find((one) => plain(one) === name);
    return column === undefined ? [] : [[name, column] as const];
  });
  return { columns: Object.fromEntries(found), units: {}, dateFormat: 'YYYY-MM-DD' };
}

/** A check alone, the good rows alone, or all rows or none. */
export type ImportHow = { readonly dry_run?: 'true'; readonly skip_bad_rows?: 'true' };

/** As the query of `POST /projects/import`. */
export function queryOf({ columns, units, dateFormat }: Mapping, delimiter: string, how: ImportHow): string {
  const query = new URLSearchParams({ delimiter, date_format: dateFormat, ...how });
  for (const { name, units: known } of importFields) {
    const column = columns[name];
    if (!column) continue;
    query.append('map', `${name}:${column}`);
    const unit = units[name];
    if (unit !== undefined && unit !== known[0]) query.append('unit', `${name}:${unit}`);
  }
  return String(query);
}
