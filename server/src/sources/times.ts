import Type from 'typebox';

/** ISO 8601 in UTC; undefined of what is no time in the years 1970 to 9999, beyond which not every reader knows times. */
export function utcOf(text: string): string | undefined {
  const at = new Date(text);
  const year = at.getUTCFullYear();
  return year >= 1970 && year <= 9999 ? at.toISOString() : undefined;
}

/** Minutes that a time's own clock is ahead of UTC; 0 where it does not say, or says what no clock can be. */
export function offsetOf(text: string): number {
  const [, sign, hours, minutes] = /([+-])(\d\d):?(\d\d)$/.exec(text) ?? [];
  const offset = (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * (sign === '-' ? -1 : 1);
  return Math.abs(offset) < 24 * 60 ? offset : 0;
}

export const sourceTime = (description: string) =>
  Type.Refine(
    Type.String({ format: 'date-time', description }),
    (text) => utcOf(text) !== undefined,
    () => 'expected a time in the years 1970 to 9999',
  );
