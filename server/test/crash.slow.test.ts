import { afterEach, beforeEach, describe, test } from 'vitest';
import { clearCrashes, prepareCrashes, survivesKills, survivesKillsOfBoth } from './crash_rounds.ts';

beforeEach(prepareCrashes);
afterEach(clearCrashes);

describe('every acknowledged write is there, and what is there is whole', () => {
  test('after 100 times kill -9 of the server under load', () => survivesKills(100));

  test('after 40 times kill -9 of the server and of its PostgreSQL at once', () => survivesKillsOfBoth(40));
});
