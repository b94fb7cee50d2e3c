import { describe, expect, test } from 'vitest';
import { faultIn, genesis, hashOf, type StoredEvent } from './chain.ts';

const row = (change: Partial<StoredEvent> = {}): StoredEvent => ({
  seq: 1,
  event_id: '6a2f41a3-c54c-4ce8-8c0f-5d3c5f0f3a11',
  created_at: new Date(0),
  at_micros: '0',
  actor_kind: 'user',
  actor_id: 'ab',
  action: 'c',
  target: '',
  outcome: 'success',
  request_id: '',
  address: '',
  detail: '{}',
  person: '',
  personal: null,
  copy_to: null,
  previous_hash: genesis,
  hash: genesis,
  ...change,
});
const hex = (change: Partial<StoredEvent>) => hashOf('chain', row(change)).toString('hex');

describe('the hash of a row', () => {
  test.each([
    ['a letter that moves to the next field', { actor_id: 'a', action: 'bc' }, { actor_id: 'ab', action: 'c' }],
    ['nothing and no field', { copy_to: null }, { copy_to: '' }],
    ['no personal field and an empty one', { personal: null }, { personal: Buffer.alloc(0) }],
    ['a field that looks like the next one’s length', { target: '\0\0\0\x07' }, { target: '', outcome: 'success' }],
    ['another row before it', { previous_hash: Buffer.alloc(32, 1) }, {}],
  ] as const)('tells apart %s', (_what, one, other) => {
    expect(hex(one)).not.toBe(hex(other));
  });

  test('tells apart the same row in another chain', () => {
    expect(hashOf('one', row())).not.toEqual(hashOf('other', row()));
  });

  test('is a fault where a row stands twice, is left out, or follows another', () => {
    const first = row({ hash: hashOf('chain', row()) });
    const start = { seq: 0, hash: genesis };
    expect(faultIn('chain', start, [first])).toBeUndefined();
    expect(faultIn('chain', start, [first, first])).toMatchObject({ seq: 2 });
    expect(faultIn('chain', { seq: 1, hash: genesis }, [first])).toMatchObject({ seq: 2 });
    expect(faultIn('chain', { seq: 0, hash: Buffer.alloc(32, 1) }, [first])).toMatchObject({ seq: 1 });
  });
});
