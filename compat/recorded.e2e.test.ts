import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { prepareDataDir } from '../server/test/prepared_data.ts';
import { areas } from './replay/areas.ts';
import { idOf, playArea } from './replay/play.ts';
import { fingerprint, readRecorded } from './replay/recorded.ts';
import { judge, describe as name } from './replay/report.ts';
import { startTwoTenants, type TwoTenants } from './two_tenants.ts';

const recorded = readRecorded();
let maestro: TwoTenants;

beforeAll(async () => {
  maestro = await startTwoTenants({}, prepareDataDir);
});
afterAll(() => maestro?.stop());

test('every case has a recorded answer of the genuine server to the request as it now stands', () => {
  const stale = areas
    .flatMap((area) => area.cases.map((c) => ({ id: idOf(area, c), request: fingerprint(c) })))
    .filter(({ id, request }) => recorded.answers.get(id)?.request !== request);
  expect(
    stale.map(({ id }) => id),
    'run: npm run compat -- --record',
  ).toEqual([]);
});

test('no two cases share a name', () => {
  const ids = areas.flatMap((area) => area.cases.map((c) => idOf(area, c)));
  expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([]);
});

describe('Maestro answers as the genuine server was recorded', () => {
  test.each(areas.map((area) => [area.name, area] as const))('%s', { timeout: 60_000 }, async (_name, area) => {
    // Workspaces are compared in the tenant that has the genuine default workspace's name.
    const key = area.workspaces ? maestro.defaultKey : maestro.first.key;
    const side = { url: maestro.url, headers: { authorization: `Bearer ${key}` } };
    const faults: string[] = [];
    for (const played of await playArea(area, side, `t${Date.now().toString(36)}`)) {
      const genuine = recorded.answers.get(played.id);
      if (genuine === undefined) continue;
      for (const fault of judge(played.id, genuine.seen, played.seen).faults)
        faults.push(`${played.id}: ${name(fault)}`);
    }
    expect(faults).toEqual([]);
  });
});
