import { expect, test } from 'vitest';
import { SharedWork } from './shared_work.ts';

/** Work that ends when it is told to, and says whether it was ended before. */
function worked() {
  const work = Promise.withResolvers<string>();
  const state = { begun: 0, ended: false, ...work };
  const begin = (signal: AbortSignal): Promise<string> => {
    state.begun += 1;
    signal.addEventListener('abort', () => {
      state.ended = true;
      work.reject(signal.reason);
    });
    return work.promise;
  };
  return { state, begin };
}

test('who asks for the same shares one piece of work', async () => {
  const shared = new SharedWork<string>();
  const { state, begin } = worked();
  const all = [1, 2].map(() => shared.join('a', begin, new AbortController().signal));
  state.resolve('done');
  expect([await Promise.all(all), state.begun, state.ended]).toEqual([['done', 'done'], 1, false]);
});

test('who is aborted waits no longer, and the work goes on for others', async () => {
  const shared = new SharedWork<string>();
  const { state, begin } = worked();
  const stopping = new AbortController();
  const first = shared.join('a', begin, stopping.signal);
  const second = shared.join('a', begin, new AbortController().signal);
  stopping.abort(new Error('stopping'));
  await expect(first).rejects.toThrow('stopping');
  expect(state.ended).toBe(false);
  state.resolve('done');
  expect(await second).toBe('done');
});

test('work that nobody waits for is ended, and who asks for it next begins it anew', async () => {
  const shared = new SharedWork<string>();
  const { state, begin } = worked();
  const both = [new AbortController(), new AbortController()];
  const waiting = both.map(({ signal }) => shared.join('a', begin, signal));
  for (const one of both) one.abort(new Error('stopping'));
  for (const one of waiting) await expect(one).rejects.toThrow('stopping');
  expect(state.ended).toBe(true);
  const again = worked();
  again.state.resolve('anew');
  expect(await shared.join('a', again.begin, new AbortController().signal)).toBe('anew');
});

test('a failure is told to all who wait, and the next who asks begins anew', async () => {
  const shared = new SharedWork<string>();
  const { state, begin } = worked();
  const all = [1, 2].map(() => shared.join('a', begin, new AbortController().signal));
  state.reject(new Error('too large'));
  for (const one of all) await expect(one).rejects.toThrow('too large');
  const again = worked();
  again.state.resolve('anew');
  expect(await shared.join('a', again.begin, new AbortController().signal)).toBe('anew');
});
