import { useDebouncedValue } from '@mantine/hooks';
import { literal } from '../app/filter_literal.ts';
import type { ColumnId } from './column_ids.ts';
import { attributeFields, type Expected, keyOf, operatorsOf, prefixes } from './completion.ts';
import { fieldOf } from './filter_words.ts';
import { useKeys, useValues } from './keys.ts';

/** A text that may be put in, and what is said beside it. */
export interface Suggestion {
  readonly text: string;
  readonly note?: string;
}

const shownMax = 12;
const statuses = ['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED'];

const begins = (typed: string) => (text: string) => text.toLowerCase().includes(typed.toLowerCase());
const plain = (texts: readonly string[]): Suggestion[] => texts.map((text) => ({ text }));

const kindOfPrefix = (prefix: string): ColumnId['kind'] =>
  prefix.startsWith('min_')
    ? 'min'
    : prefix.startsWith('max_')
      ? 'max'
      : prefix.startsWith('metric')
        ? 'last'
        : prefix.startsWith('param')
          ? 'param'
          : 'tag';

/** What may be typed next: fields and values come from the server, as many as are looked at. */
export function useSuggestions(experimentId: number, expected: Expected, isOpen: boolean): readonly Suggestion[] {
  const [asked] = useDebouncedValue(expected, 120);
  const isField = asked.what === 'field';
  const named = isField ? keyOf(asked.typed) : undefined;
  const part = named?.key ?? (isField ? asked.typed : '');
  // Without a prefix, names of every kind are looked for.
  const wants = (kind: string) => isOpen && isField && part !== '' && (named === undefined || named.kind === kind);
  const isListed = isOpen && isField && named !== undefined;
  const metrics = useKeys(
    experimentId,
    'metric',
    part,
    shownMax,
    wants('metric') || (isListed && named?.kind === 'metric'),
  );
  const params = useKeys(
    experimentId,
    'param',
    part,
    shownMax,
    wants('param') || (isListed && named?.kind === 'param'),
  );
  const tags = useKeys(experimentId, 'tag', part, shownMax, wants('tag') || (isListed && named?.kind === 'tag'));
  const ofValue = asked.what === 'value' ? keyOf(asked.field) : undefined;
  const column: ColumnId | undefined =
    ofValue && ofValue.kind !== 'metric' ? { kind: ofValue.kind, key: ofValue.key } : undefined;
  const typedValue = asked.what === 'value' ? asked.typed.replace(/^['"]/, '') : '';
  const values = useValues(experimentId, isOpen ? column : undefined, typedValue);
  if (!isOpen) return [];
  switch (expected.what) {
    case 'and':
      return begins(expected.typed)('AND') ? [{ text: 'AND' }] : [];
    case 'operator':
      return plain(operatorsOf(expected.field).filter(begins(expected.typed)));
    case 'value': {
      if (/status$/.test(expected.field)) return plain(statuses.map(literal).filter(begins(expected.typed)));
      return column ? (values.data?.items ?? []).slice(0, shownMax).map((value) => ({ text: literal(value) })) : [];
    }
    case 'field': {
      const own = keyOf(expected.typed);
      const kind = own ? kindOfPrefix(expected.typed) : undefined;
      const found = (list: { items: readonly string[] } | undefined, of: ColumnId['kind']): Suggestion[] =>
        (list?.items ?? []).map((key) => ({ text: fieldOf({ kind: of, key }) }));
      if (own && kind)
        return found({ metric: metrics, param: params, tag: tags }[own.kind].data, kind).slice(0, shownMax);
      const names = [...prefixes, ...attributeFields].filter(begins(expected.typed));
      const keys =
        expected.typed === ''
          ? []
          : [...found(metrics.data, 'last'), ...found(params.data, 'param'), ...found(tags.data, 'tag')];
      return [...plain(names), ...keys].slice(0, shownMax);
    }
  }
}
