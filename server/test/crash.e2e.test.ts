import { afterEach, beforeEach, describe, test } from 'vitest';
import {
  clearCrashes,
  prepareCrashes,
  survivesKills,
  survivesKillsOfBoth,
  survivesKillsOfPostgres,
} from './crash_rounds.ts';

beforeEach(prepareCrashes);
afterEach(clearCrashes);

describe('every acknowledged write is there, and what is there is whole', () => {
  test('after 8 times kill -9 of the server under load', () => survivesKills(8), 600_000);

  test('after kill -9 of the server and of its PostgreSQL at once', () => survivesKillsOfBoth(3));

  test('after kill -9 of PostgreSQL alone, upon which the server says so and ends with 1', () =>
    survivesKillsOfPostgres(3));
});
