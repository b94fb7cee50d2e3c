/** Where the value of an entity with a key is. Least and greatest are null for a metric that was only ever NaN. */
export const keyedValues = {
  metric: { table: 'latest_metrics', column: 'value' },
  least: { table: 'latest_metrics', column: 'min_value' },
  greatest: { table: 'latest_metrics', column: 'max_value' },
  parameter: { table: 'params', column: 'value' },
  tag: { table: 'tags', column: 'value' },
} as const;
