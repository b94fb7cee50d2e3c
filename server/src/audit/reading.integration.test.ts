import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AuditApp, startAuditApp } from './audit_app.fixture.ts';
import { exportOf } from './export.ts';
import { tenantLog } from './log_queries.ts';
import type { ShownEvent } from './shown.ts';

let maestro: AuditApp;
beforeAll(async () => {
  maestro = await startAuditApp();
});
afterAll(() => maestro?.stop());

const seqs = (events: ShownEvent[]) => events.map(({ seq }) => seq);

/** As RFC 4180 has it. */
function parseCsv(text: string): string[][] {
  const cells = [...text.matchAll(/("(?:[^"]|"")*"|[^",\r\n]*)(,|\r\n|$)/g)];
  const lines: string[][] = [[]];
  for (const [, cell = '', end] of cells) {
    lines.at(-1)?.push(cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell);
    if (end === '\r\n') lines.push([]);
    if (end === '') break;
  }
  return lines.filter((line) => line.length > 1);
}

describe('the audit log', () => {
  test('comes newest first, and page by page each row once, also while it grows', async () => {
    for (let n = 0; n < 7; n += 1) await maestro.asAdmin('POST', '/keys', { name: randomUUID() });
    const whole = seqs(await maestro.events('?limit=1000'));
    expect(whole).toEqual(whole.toSorted((a, b) => b - a));
    const paged: number[] = [];
    let token: string | null = '';
    while (token !== null) {
      const query: string = token === '' ? '' : `&page_token=${token}`;
      const answer = await maestro.asAdmin('GET', `/audit?limit=3${query}`);
      const page = answer.body as { items: ShownEvent[]; next_page_token: string | null };
      paged.push(...seqs(page.items));
      token = page.next_page_token;
      await maestro.asAdmin('POST', '/keys', { name: randomUUID() });
    }
    expect(paged).toEqual(whole);
  });

  test('is searched by who, what, on what, with what outcome and when', async () => {
    const user = await maestro.makeUser({ tenant: 'tenant-a', role: 'viewer' });
    const as = await maestro.signIn(user);
    await maestro.send('POST', '/api/v1/keys', { as, json: { name: 'refused' } });
    const all = await maestro.events('?limit=1000');
    const agree = async (query: string, fits: (event: ShownEvent) => boolean) => {
      const expected = seqs(all.filter(fits));
      expect(expected.length, query).toBeGreaterThan(0);
      expect(expected.length, query).toBeLessThan(all.length);
      expect(seqs(await maestro.events(`?limit=1000&${query}`)), query).toEqual(expected);
    };
    await agree(`actor=${user.id}`, ({ actor }) => actor.id === user.id);
    await agree('action=key.', ({ action }) => action.startsWith('key.'));
    await agree(`target=${user.id}`, ({ target }) => target === user.id);
    await agree('outcome=refused', ({ outcome }) => outcome === 'refused');
    const middle = all[Math.floor(all.length / 2)]?.at as string;
    await agree(`since=${middle}`, ({ at }) => at >= middle);
    await agree(`until=${middle}`, ({ at }) => at < middle);
    await agree(`actor=${user.id}&action=key&outcome=refused`, (event) =>
      [event.actor.id === user.id, event.action.startsWith('key'), event.outcome === 'refused'].every(Boolean),
    );
  });

  test.each([
    ['since=yesterday', 'since'],
    ['until=0000-01-01T00:00:00Z', 'until'],
    ['outcome=maybe', 'outcome'],
    ['limit=0', 'limit'],
    ['page_token=bm90aGluZw', 'page_token'],
    [`page_token=${Buffer.from('["9999999999999999999999"]').toString('base64url')}`, 'page_token'],
    [`page_token=${Buffer.from('["1 OR 1=1"]').toString('base64url')}`, 'page_token'],
    ['colour=red', 'colour'],
  ])('a search by %s is refused, and the field named', async (query, field) => {
    const answer = await maestro.asAdmin('GET', `/audit?${query}`);
    expect([answer.status, answer.text.includes(field)]).toEqual([400, true]);
  });

  test('of a tenant holds no row of another, whatever is asked', async () => {
    const name = randomUUID();
    const as = maestro.tenants.b.keys.tenant_admin;
    const made = await maestro.send('POST', '/api/v1/keys', { as, json: { name } });
    const { id } = made.body as { id: string };
    expect(await maestro.events(`?target=${id}`)).toEqual([]);
    const answer = await maestro.asAdmin('GET', '/audit/export?format=jsonl');
    expect(answer.text).not.toContain(id);
  });

  test('is read by tenant administrators, the operators’ by operators, and either by nobody else', async () => {
    const { keys } = maestro.tenants.a;
    for (const path of ['/audit', '/audit/export?format=csv', '/audit/verify']) {
      for (const as of [keys.viewer, keys.data_scientist, keys.ml_engineer, maestro.operatorKey]) {
        expect((await maestro.send('GET', `/api/v1${path}`, { as })).status, path).toBe(403);
      }
      const operators = path.replace('/audit', '/operator-audit');
      expect((await maestro.send('GET', `/api/v1${operators}`, { as: keys.tenant_admin })).status).toBe(403);
    }
    const json = { before: '2020-01-01T00:00:00Z' };
    expect((await maestro.send('POST', '/api/v1/audit/retention', { as: keys.tenant_admin, json })).status).toBe(403);
  });

  test('writes down who exported or verified it, before anything is given', async () => {
    await maestro.asAdmin('GET', '/audit/export?format=csv&action=key');
    await maestro.asAdmin('GET', '/audit/verify');
    const [verify, exported] = await maestro.events('?limit=2');
    expect(verify).toMatchObject({ action: 'audit.verify' });
    expect(exported).toMatchObject({ action: 'audit.export', detail: { format: 'csv', action: 'key' } });
    await maestro.asOperator('GET', '/operator-audit/export?format=csv');
    const [forOperators] = await maestro.events('?limit=1', 'operator-audit');
    expect(forOperators).toMatchObject({ action: 'operator_audit.export' });
  });
});

describe('an export', () => {
  test('as JSON Lines is every row in order, as the list shows them', async () => {
    const answer = await maestro.asAdmin('GET', '/audit/export?format=jsonl');
    expect(answer.headers.get('content-type')).toBe('application/x-ndjson; charset=utf-8');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename=audit.jsonl');
    const lines = answer.text.trimEnd().split('\n');
    const listed = await maestro.events('?limit=1000');
    expect(lines.map((line) => JSON.parse(line))).toEqual(listed.toReversed());
  });

  test('as CSV has a line a row that a spreadsheet takes for text, whatever a caller sent', async () => {
    const evil = `=cmd|' /C calc'!A0,"x"`;
    const headers = { 'x-mlflow-workspace': evil };
    const as = maestro.tenants.a.keys.viewer;
    expect((await maestro.send('GET', '/api/v1/experiments', { as, headers })).status).toBe(404);
    const answer = await maestro.asOperator('GET', '/operator-audit/export?format=csv&outcome=refused');
    const [head, ...lines] = parseCsv(answer.text);
    expect(head?.slice(0, 7)).toEqual(['seq', 'id', 'at', 'actor_kind', 'actor_id', 'action', 'target']);
    expect(lines.map((line) => line[6])).toContain(`'${evil}`);
    expect(lines.every((line) => line.length === head?.length)).toBe(true);
    expect(lines.flat().filter((cell) => /^[=+\-@\t\r]/.test(cell))).toEqual([]);
  });

  test('reads a page only when the one before was taken: a caller who stops costs nothing more', async () => {
    const { id } = maestro.tenants.a;
    await maestro.rows(
      `SELECT count(maestro.append_audit_event($1, gen_random_uuid(), NULL, 'system', 'x', 'test', '', 'success', '', '',
              '{}', '', NULL)) FROM generate_series(1, 3000)`,
      [id],
    );
    const log = tenantLog(maestro.ports.db, id);
    let pages = 0;
    const counting = {
      ...log,
      open: ((run) => {
        pages += 1;
        return log.open(run);
      }) as typeof log.open,
    };
    const { people } = maestro.ports.identity;
    const texts = exportOf(counting, people, 'jsonl', {});
    await texts.next();
    await texts.return(undefined);
    expect(pages).toBeLessThanOrEqual(3);
    const text = (await Array.fromAsync(exportOf(log, people, 'jsonl', { action: 'test' }))).join('');
    expect(text.split('\n')).toHaveLength(3001);
  });

  test('answers HEAD with the headers alone', async () => {
    const answer = await maestro.asAdmin('HEAD', '/audit/export?format=csv');
    expect([answer.status, answer.text]).toEqual([200, '']);
  });
});
