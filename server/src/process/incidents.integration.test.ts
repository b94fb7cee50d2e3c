import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';

interface Incident {
  incident_key: string;
  environment: string;
  started_at: string;
  resolved_at: string | null;
}
interface Page {
  items: Incident[];
  next_page_token: string | null;
}

let app: TestApp;
let project: string;

beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app?.stop());

const send = (method: string, path: string, json?: unknown) =>
  app.send(method, `/api/v1${path}`, {
    as: app.tenants.a.keys.data_scientist,
    ...(json === undefined ? {} : { json }),
  });
const incidents = (more = '') => `/teams/${project}/incidents${more}`;
const put = async (key: string, started_at: string, more: object = {}): Promise<void> => {
  const answer = await send('PUT', incidents(`/${encodeURIComponent(key)}`), { started_at, ...more });
  expect(answer.status, answer.text).toBe(204);
};
const list = async (query = ''): Promise<Page> => {
  const answer = await send('GET', incidents(query));
  expect(answer.status, answer.text).toBe(200);
  return answer.body as Page;
};
const keys = ({ items }: Page): string[] => items.map(({ incident_key }) => incident_key);

beforeEach(async () => {
  project = ((await send('POST', '/projects', { name: randomUUID() })).body as { project_id: string }).project_id;
});

test('incidents are listed newest first, page by page, also where they started at one moment, or almost', async () => {
  await put('a', '2026-01-05T08:00:00Z');
  await put('b', '2026-01-05T08:00:00Z');
  await put('c', '2026-01-05T08:00:00.000001Z');
  await put('d', '2026-01-05T08:00:00.000002Z');
  await put('e', '2025-12-31T23:59:59Z');
  const found: string[] = [];
  for (let query = '?limit=2'; ; ) {
    const page = await list(query);
    found.push(...keys(page));
    if (page.next_page_token === null) break;
    query = `?limit=2&page_token=${page.next_page_token}`;
  }
  expect(found).toEqual(['d', 'c', 'b', 'a', 'e']);
});

test('a list is of the days and the environment that are asked for, and a page belongs to its list', async () => {
  await put('first', '2026-01-01T00:00:00Z');
  await put('last', '2026-01-31T23:59:59.999Z');
  await put('later', '2026-02-01T00:00:00Z');
  await put('coming', '2099-01-01T00:00:00Z', { environment: 'staging' });
  expect(keys(await list('?from=2026-01-01&to=2026-01-31'))).toEqual(['last', 'first']);
  expect(keys(await list('?from=2026-02-01'))).toEqual(['coming', 'later']);
  expect(keys(await list('?environment=staging'))).toEqual(['coming']);
  const { next_page_token: token } = await list('?limit=1&to=2026-02-01');
  expect(keys(await list(`?limit=1&to=2026-02-01&page_token=${token}`))).toEqual(['last']);
  for (const query of [`?page_token=${token}`, '?page_token=x', '?from=2026-02-01&to=2026-01-01']) {
    const answer = await send('GET', incidents(query));
    expect([query, answer.status, answer.body]).toMatchObject([
      query,
      400,
      { field: query.startsWith('?from') ? 'from' : 'page_token' },
    ]);
  }
});

test('one is read by its key, whatever stands in it, and one that is not there is not found', async () => {
  await put('INC/7 é', '2026-01-05T08:00:00+02:00', { resolved_at: '2026-01-05T07:00:00Z' });
  expect((await send('GET', incidents(`/${encodeURIComponent('INC/7 é')}`))).body).toEqual({
    incident_key: 'INC/7 é',
    environment: 'production',
    started_at: '2026-01-05T06:00:00.000Z',
    resolved_at: '2026-01-05T07:00:00.000Z',
  });
  expect((await send('GET', incidents('/INC-8'))).status).toBe(404);
  expect((await send('GET', `/teams/${randomUUID()}/incidents`)).status).toBe(404);
});

test('what is recorded again keeps what is not said, and null says that it goes on', async () => {
  const path = incidents('/again');
  const known = async () => (await send('GET', path)).body as Incident;
  const tell = async (said: object, status = 204): Promise<unknown> => {
    const answer = await send('PUT', path, said);
    expect(answer.status, answer.text).toBe(status);
    return answer.body;
  };
  const first = {
    incident_key: 'again',
    environment: 'staging',
    started_at: '2026-01-05T08:00:00.000Z',
    resolved_at: '2026-01-05T09:00:00.000Z',
  };
  const { incident_key: _, ...fields } = first;
  await tell(fields);
  await tell({});
  expect(await known()).toEqual(first);
  await tell({ environment: 'production' });
  await tell({ started_at: '2026-01-05T08:30:00Z' });
  expect(await known()).toEqual({ ...first, environment: 'production', started_at: '2026-01-05T08:30:00.000Z' });
  await tell({ resolved_at: null });
  expect((await known()).resolved_at).toBeNull();
  for (const end of ['2026-01-05T08:29:59.999999Z', '2026-01-05T08:00:00Z']) {
    expect(await tell({ resolved_at: end }, 400)).toMatchObject({ field: 'resolved_at' });
  }
  expect((await known()).resolved_at).toBeNull();
});

test('a new one of which nothing is said began now, where users are, and goes on; one recorded at once is one', async () => {
  const before = Date.now();
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => send('PUT', incidents('/new'), { environment: 'staging' })),
  );
  expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(204));
  const { started_at, ...rest } = (await send('GET', incidents('/new'))).body as Incident;
  expect(rest).toEqual({ incident_key: 'new', environment: 'staging', resolved_at: null });
  expect(Date.parse(started_at)).toBeGreaterThanOrEqual(before - 1000);
  expect(keys(await list())).toEqual(['new']);
  expect((await send('PUT', incidents('/ended'), { resolved_at: '2026-01-05T09:00:00Z' })).status).toBe(400);
});
