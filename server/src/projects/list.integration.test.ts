import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';

interface Project {
  project_id: string;
  name: string;
  problem_class: string | null;
  completion_date: string | null;
  [field: string]: string | number | null;
}
interface Page {
  items: Project[];
  next_page_token: string | null;
}

let app: TestApp;
let all: Project[];

const get = async (query: Record<string, string | number>): Promise<Page> => {
  const given = Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]);
  const answer = await app.send('GET', `/api/v1/projects?${new URLSearchParams(given)}`, {
    as: app.tenants.a.keys.tenant_admin,
  });
  expect(answer.status, answer.text).toBe(200);
  return answer.body as Page;
};

async function read(query: Record<string, string | number>): Promise<Project[]> {
  const found: Project[] = [];
  for (let token: Record<string, string> = {}; ; ) {
    const { items, next_page_token: next } = await get({ ...query, ...token });
    found.push(...items);
    if (next === null) return found;
    token = { page_token: next };
  }
}

/** A project goes on where it has no score, mostly: in the order of scores, those that do are rare, and come last. */
beforeAll(async () => {
  app = await startTestApp();
  const path = `/api/v1/tenants/${app.tenants.a.slug}`;
  await app.send('PATCH', path, { as: app.operatorKey, json: { max_projects: 400 } });
  const rows = Array.from({ length: 400 }, (_, row) => {
    const goesOn = row % 3 === 0;
    const score = goesOn && row % 33 !== 0 ? '' : (row * 7919) % 101;
    return `project ${row},${row % 7 === 0 ? '' : `class ${row % 4}`},${1 + (row % 5)},2025-01-0${1 + (row % 9)},${goesOn ? '' : 30 + (row % 20)},${score}`;
  });
  const table = ['name,problem_class,team_size,start_date,duration_days,success_score', ...rows].join('\n');
  const answer = await app.send('POST', '/api/v1/projects/import', {
    as: app.tenants.a.keys.tenant_admin,
    body: `${table}\n`,
  });
  expect(answer.body).toMatchObject({ imported: 400 });
  all = await read({ limit: 1000 });
});
afterAll(() => app?.stop());

/** As the list is said to be: by the field, then by id, without a value last either way. */
function sorted(projects: readonly Project[], field: string, order: string): string[] {
  const sign = order === 'asc' ? 1 : -1;
  const compare = (a: string | number, b: string | number): number => sign * (a < b ? -1 : a > b ? 1 : 0);
  return [...projects]
    .sort((a, b) => {
      const [x, y] = [a[field] ?? null, b[field] ?? null];
      if (x === null || y === null) {
        return (x === null ? 1 : 0) - (y === null ? 1 : 0) || compare(a.project_id, b.project_id);
      }
      return compare(x, y) || compare(a.project_id, b.project_id);
    })
    .map(({ project_id }) => project_id);
}

describe('a list of projects of a class or a state', () => {
  const cases = ['name', 'success_score', 'team_size', 'completion_date', 'compute_cost'].flatMap((field) =>
    ['asc', 'desc'].map((order) => [field, order] as const),
  );
  test.each(cases)(
    'ordered by %s, %s, has each once and in order, however rare they are there',
    async (field, order) => {
      for (const filters of [
        { state: 'active' },
        { state: 'finished', problem_class: 'class 1' },
        { state: 'active', problem_class: 'class 3' },
        { problem_class: 'class 2', success_min: 40 },
      ]) {
        const wanted = all.filter(
          ({ problem_class: of, completion_date: end, success_score: score }) =>
            (!('state' in filters) || (filters.state === 'finished') === (end !== null)) &&
            (!('problem_class' in filters) || of === filters.problem_class) &&
            (!('success_min' in filters) || (score !== null && Number(score) >= Number(filters.success_min))),
        );
        const expected = sorted(wanted, field, order);
        expect(expected.length).toBeGreaterThan(10);
        for (const limit of [9, 1000]) {
          const found = await read({ ...(filters as object), order_by: field, order, limit });
          expect(
            found.map(({ project_id }) => project_id),
            JSON.stringify({ filters, limit }),
          ).toEqual(expected);
        }
      }
    },
  );
});
