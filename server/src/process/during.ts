/** In SQL, that a time is on a day from the one of the parameter `from` to the one of `to`, both included; UTC. */
export const during = (column: string, from: string, to: string): string =>
  `${column} >= (${from}::date)::timestamp AT TIME ZONE 'UTC' AND ${column} < (${to}::date + 1)::timestamp AT TIME ZONE 'UTC'`;
