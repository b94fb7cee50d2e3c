/** Where the value of an entity with a key is. Least and greatest are null for a metric that was only ever NaN. */
export const keyedValues = {
  metric: { table: 'latest_metrics', column: 'value' },
  least: { table: 'latest_metrics', column: 'min_value' },
  greatest: { table: 'latest_metrics', column: 'max_value' },
  parameter: { table: 'params', column: 'value' },
  tag: { table: 'tags', column: 'value' },
} as const;

/** Characters of a param's or tag's value that its index holds. */
export const headLength = 200;

/** Whether the indexed part of a text is all of it, for certain. */
export const isHead = (text: string): boolean => Array.from(text).length < headLength;

/** SQL for whether the index holds the value of a param or tag whole: bytes are counted at once, characters one by one. */
export const holdsWhole = (x: string): string => `octet_length(${x}.value_head) < ${headLength}`;

/**
 * The value of a param or tag `x` of tenant $1, from its index alone, which holds values of fewer than 200 bytes whole:
 * 100,000 rows of these tables lie on as many pages.
 */
export const wholeText = (x: string, table: 'params' | 'tags'): string =>
  `CASE WHEN ${holdsWhole(x)} THEN ${x}.value_head
    ELSE (SELECT whole.value FROM maestro.${table} whole
           WHERE whole.tenant_id = $1 AND whole.run_id = ${x}.run_id AND whole.key = ${x}.key) END`;
