/**
 * The parameters of one statement, in order. A caller's text enters SQL through `add` alone, which gives a
 * placeholder; what the placeholders stand in is text of our own.
 */
export class SqlValues {
  readonly values: unknown[] = [];

  add(
    value: unknown,
    type: 'text' | 'text[]' | 'float8' | 'bigint' | 'bigint[]' | 'uuid' | 'uuid[]' | 'integer',
  ): string {
    this.values.push(value);
    return `$${this.values.length}::${type}`;
  }
}
