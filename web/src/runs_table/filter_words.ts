import type { ColumnId } from './column_ids.ts';

/** A key as the filter language has it: in backticks, where it is more than a word. */
const quotedKey = (key: string): string => {
  if (/^[\p{L}_][\p{L}\p{N}_]*$/u.test(key)) return key;
  return key.includes('`') ? `"${key}"` : `\`${key}\``;
};

const fields = { last: 'metrics', min: 'min_metrics', max: 'max_metrics', param: 'params', tag: 'tags' } as const;

const attributeFields: Readonly<Record<string, string>> = {
  name: 'attributes.run_name',
  status: 'attributes.status',
  start: 'attributes.start_time',
  duration: 'attributes.duration',
  user: 'attributes.user_id',
  source: 'tags.`mlflow.source.name`',
  id: 'attributes.run_id',
};

/** What a column is called in filters, orders and groupings. */
export const fieldOf = ({ kind, key }: ColumnId): string =>
  kind === 'attribute' ? (attributeFields[key] as string) : `${fields[kind]}.${quotedKey(key)}`;
