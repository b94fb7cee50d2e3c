import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';
import { peopleOf } from '../../test/people.ts';
import { withClient } from '../db/roles.ts';

let app: TestApp;

beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app?.stop());

const send = (method: string, path: string, json?: unknown, as = app.tenants.a.keys.ml_engineer) =>
  app.send(method, `/api/v1${path}`, { as, ...(json === undefined ? {} : { json }) });

async function made<Body>(method: string, path: string, json: unknown, as?: string): Promise<Body> {
  const answer = await send(method, path, json, as);
  expect(answer.status, answer.text).toBeLessThan(300);
  return answer.body as Body;
}

/** A tenant of its own for each test, so that nothing else is similar. */
async function tenant(): Promise<string> {
  const slug = `t-${randomUUID().slice(0, 8)}`;
  await made('POST', '/tenants', { slug, name: slug }, app.operatorKey);
  const key = { name: 'k', role: 'tenant_admin' };
  return (await made<{ key: string }>('POST', `/tenants/${slug}/keys`, key, app.operatorKey)).key;
}

async function project(as: string, fields: object, text?: string): Promise<string> {
  const { project_id } = await made<{ project_id: string }>('POST', '/projects', { name: randomUUID(), ...fields }, as);
  if (text !== undefined) await made('POST', '/ml/embed-specs', { specs: [{ project_id, text }] }, as);
  return project_id;
}

async function artifact(as: string, fields: object): Promise<string> {
  const body = { type: 'feature_pipeline', version: '1.0.0', ...fields };
  return (await made<{ artifact_id: string }>('POST', '/artifacts', body, as)).artifact_id;
}

const use = (as: string, id: string, project_id: string) => made('POST', `/artifacts/${id}/use`, { project_id }, as);

const document = `# Churn features
Build churn features of customers from contracts and support tickets.

# Real-time serving
Serve scores from a GPU endpoint with a latency below 50 milliseconds.

# Consent
Honour withdrawn consent within one hour by a ledger of revocations.`;

interface Section {
  title: string;
  degree: number;
  is_new: boolean;
  projects: { project_id: string; section: string; degree: number; shared_terms: string[] }[];
  artifacts: { artifact_id: string; fit: number }[] | null;
  new_terms: string[];
}
interface Overlap {
  overlap: number;
  sections: Section[];
  new_sections: string[];
}

async function library(as: string): Promise<Record<'old' | 'features' | 'other' | 'gone', string>> {
  const old = await project(
    as,
    { name: 'Old' },
    '# Data\nContracts and support tickets of customers become features of churn.\n# Endpoint\nA GPU endpoint has to serve scores with latency below 50 milliseconds.',
  );
  await project(as, { name: 'Fraud' }, '# Fraud\nDetect fraudulent payments of cards.');
  const features = await artifact(as, {
    name: 'churn-features',
    description: 'Churn features from contracts and support tickets.',
    tags: ['churn', 'customers'],
  });
  const other = await artifact(as, { name: 'card-payments', description: 'Payments of cards by merchant.' });
  const gone = await artifact(as, { name: 'churn-features-old', description: 'Churn features from contracts.' });
  await made('POST', `/artifacts/${gone}/deprecate`, {}, as);
  return { old, features, other, gone };
}

describe('the overlap of a requirements text', () => {
  test('is told by section: who covers how much of it, by which words, and what is new', async () => {
    const as = await tenant();
    const { old, features } = await library(as);
    const overlap = await made<Overlap>('POST', '/ml/analyze-overlap', { text: document }, as);
    const [churn, serving, consent] = overlap.sections as [Section, Section, Section];
    expect(overlap.sections.map(({ title }) => title)).toEqual(['Churn features', 'Real-time serving', 'Consent']);
    expect(churn.projects[0]).toMatchObject({ project_id: old, section: 'Data' });
    expect(churn.projects[0]?.shared_terms).toEqual(expect.arrayContaining(['churn', 'contract', 'ticket']));
    expect(churn.degree).toBeGreaterThan(0.6);
    expect(churn.artifacts?.map(({ artifact_id }) => artifact_id)).toEqual([features]);
    expect(serving.projects[0]).toMatchObject({ project_id: old, section: 'Endpoint' });
    expect(serving.artifacts).toEqual([]);
    expect(consent).toMatchObject({ is_new: true, projects: [] });
    expect(consent.new_terms).toEqual(expect.arrayContaining(['consent', 'ledger', 'revocation']));
    expect(overlap.new_sections).toEqual(['Consent']);
    expect(overlap.overlap).toBeGreaterThan(0.3);
    expect(overlap.overlap).toBeLessThan(0.8);
  });

  test('of a text that is stored already is whole, and nothing where its project is left out', async () => {
    const as = await tenant();
    const id = await project(as, {}, document);
    expect((await made<Overlap>('POST', '/ml/analyze-overlap', { text: document }, as)).overlap).toBeCloseTo(1);
    const body = { text: document, project_id: id };
    expect(await made<Overlap>('POST', '/ml/analyze-overlap', body, as)).toMatchObject({
      overlap: 0,
      new_sections: ['Churn features', 'Real-time serving', 'Consent'],
    });
  });

  test('of a text without a word, or in a tenant without projects, is none', async () => {
    const as = await tenant();
    expect(await made<Overlap>('POST', '/ml/analyze-overlap', { text: '…' }, as)).toEqual({
      overlap: 0,
      sections: [],
      new_sections: [],
    });
    expect(await made<Overlap>('POST', '/ml/analyze-overlap', { text: document }, as)).toMatchObject({ overlap: 0 });
  });
});

interface Strategy {
  reuse: { artifact_id: string; sections: { title: string }[]; expected_effect: unknown; explanation: string }[];
  ask: { title: string; project_id: string }[];
  to_build: { title: string; terms: string[] }[];
  summary: string;
}

test('a strategy says which artifacts fit which sections, whom to ask, and what is left to build', async () => {
  const as = await tenant();
  const { old, features } = await library(as);
  const strategy = await made<Strategy>('POST', '/ml/recommend-reuse-strategy', { text: document }, as);
  expect(strategy.reuse).toHaveLength(1);
  expect(strategy.reuse[0]).toMatchObject({
    artifact_id: features,
    sections: [{ title: 'Churn features' }],
    expected_effect: null,
    explanation: 'Fits “Churn features”; 0 uses so far; its impact is not known.',
  });
  expect(strategy.ask).toEqual([expect.objectContaining({ title: 'Real-time serving', project_id: old })]);
  expect(strategy.to_build.map(({ title }) => title)).toEqual(['Consent']);
  expect(strategy.to_build[0]?.terms).toContain('revocation');
  expect(strategy.summary).toContain('of 3 sections 1 is to be built, and 1 was solved by projects without');
});

interface Recommendations {
  items: {
    artifact_id: string;
    similar_users: number;
    similar_users_that_went_well: number;
    class_users: number;
    explanation: string;
  }[];
}

describe('artifacts that are recommended', () => {
  test('are those that similar projects used and that went well, not what is used already or deprecated', async () => {
    const as = await tenant();
    const { features, other, gone } = await library(as);
    const helper = await artifact(as, { name: 'calibration', description: 'Isotonic calibration.' });
    const good = await project(as, { success_score: 90 }, 'Predict churn of customers from contracts.');
    const bad = await project(as, { success_score: 10 }, 'Predict churn of customers from tickets.');
    for (const id of [helper, gone]) await use(as, id, good).catch(() => undefined);
    const failing = await artifact(as, { name: 'sampling', description: 'Random sampling.' });
    await use(as, failing, bad);
    const own = await project(as, {}, 'Predict churn of customers from contracts and tickets.');
    const recommended = async (body: object): Promise<Recommendations['items']> =>
      (await made<Recommendations>('POST', '/recommendations', body, as)).items;
    const items = await recommended({ project_id: own });
    const ids = items.map(({ artifact_id }) => artifact_id);
    expect(ids).toContain(features);
    expect(ids.indexOf(helper)).toBeGreaterThanOrEqual(0);
    expect(ids.indexOf(helper)).toBeLessThan(ids.indexOf(failing));
    expect(ids).not.toContain(gone);
    expect(ids).not.toContain(other);
    const calibration = items.find(({ artifact_id }) => artifact_id === helper);
    expect(calibration).toMatchObject({ similar_users: 1, similar_users_that_went_well: 1, class_users: 0 });
    expect(calibration?.explanation).toMatch(
      /^1 of the \d most similar projects use it, 1 of them with a success score of 70/,
    );
    await use(as, features, own);
    expect((await recommended({ project_id: own })).map(({ artifact_id }) => artifact_id)).not.toContain(features);
  });

  test('are those of the class of problem where there is no text, and none of an empty tenant', async () => {
    const as = await tenant();
    const body = { name: 'Another', problem_class: 'ranking' };
    expect(await made<Recommendations>('POST', '/recommendations', body, as)).toEqual({ items: [], similar: [] });
    const known = await project(as, { name: 'Zebra', problem_class: 'ranking' });
    const used = await artifact(as, { name: 'lambdamart' });
    await use(as, used, known);
    const { items } = await made<Recommendations>('POST', '/recommendations', body, as);
    expect(items).toEqual([expect.objectContaining({ artifact_id: used, class_users: 1 })]);
  });

  test('come in the order of what their impact adds for sure, and not of its estimate', async () => {
    const as = await tenant();
    const judge = async (name: string, value: number, low: number, high: number): Promise<string> => {
      const id = await artifact(as, { name });
      const success = { value, low, high, projects: 12, evidence: 'some' };
      const impact = { success, duration: null, cost: null, computed_at: new Date().toISOString() };
      await withClient(app.database.superuser, (client) =>
        client.query(
          `UPDATE maestro.artifacts SET impact = $2, avg_impact_score = $3, impact_low = $4 WHERE artifact_id = $1`,
          [id, impact, value, low],
        ),
      );
      return id;
    };
    const bold = await judge('bold', 20, 1, 39);
    const sure = await judge('sure', 8, 6, 10);
    await judge('unclear', 9, -4, 22);
    await judge('harmful', -8, -10, -6);
    const body = { problem_class: 'forecasting' };
    const { items } = await made<Recommendations>('POST', '/recommendations', body, as);
    expect(items.map(({ artifact_id }) => artifact_id)).toEqual([sure, bold]);
    expect(items[0]?.explanation).toBe(
      'Its estimated impact is +8.0 points of success, in 8 of 10 cases +6.0 to +10.0, from 12 projects.',
    );
  });

  test('need to be for something', async () => {
    const answer = await send('POST', '/recommendations', {});
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ field: 'project_id' });
  });
});

test('a project that is named and is not there, or another tenant’s, is missing', async () => {
  const as = await tenant();
  const another = await project(await tenant(), {}, document);
  for (const path of [
    '/ml/find-similar-projects',
    '/ml/analyze-overlap',
    '/ml/estimate-effort',
    '/ml/recommend-reuse-strategy',
    '/recommendations',
  ]) {
    const text = path.includes('similar') ? {} : { text: document };
    for (const project_id of [another, randomUUID()]) {
      const answer = await send('POST', path, { ...text, project_id }, as);
      expect(answer.status, path).toBe(404);
      expect(answer.body).toMatchObject({ detail: `No project with id '${project_id}'` });
    }
  }
});

describe('a caller whom only a grant lets in', () => {
  test('sees the projects that are granted, no word of another, and nothing of the library', async () => {
    const people = peopleOf(app);
    const owner = app.tenants.a.keys.tenant_admin;
    const granted = await project(owner, { name: `Mine ${randomUUID()}` }, 'Predict churn of customers.');
    const hidden = await project(owner, {}, 'Predict churn of customers and yaks.');
    await artifact(owner, { name: `churn-${randomUUID()}`, description: 'Churn of customers.' });
    await made('POST', '/roles', { name: 'guest', permissions: ['tenant:read'] }, owner);
    await made('POST', '/roles', { name: 'reader_of_one', permissions: ['project:read'] }, owner);
    await made('POST', '/roles', { name: 'writer_of_one', permissions: ['project:write'] }, owner);
    const guest = await people.account('guest');
    const subject = { kind: 'service_account', id: guest.id };
    const grant = { subject, resource: { kind: 'project', id: granted } };
    await made('POST', '/grants', { ...grant, role: 'reader_of_one' }, owner);

    const text = 'Predict churn of customers with yaks.';
    const found = await made<{ items: { project_id: string; shared_terms: string[] }[] }>(
      'POST',
      '/ml/find-similar-projects',
      { text },
      guest.as,
    );
    expect(found.items.map(({ project_id }) => project_id)).toEqual([granted]);
    expect(found.items[0]?.shared_terms.toSorted()).toEqual(['churn', 'customer', 'predict']);
    const overlap = await made<Overlap>('POST', '/ml/analyze-overlap', { text }, guest.as);
    expect(overlap.sections).toEqual([expect.objectContaining({ artifacts: null, new_terms: ['yak'] })]);
    expect(overlap.sections[0]?.projects.map(({ project_id }) => project_id)).toEqual([granted]);
    for (const path of ['/ml/find-similar-projects', '/recommendations']) {
      const answer = await send('POST', path, { project_id: hidden }, guest.as);
      expect([403, 404]).toContain(answer.status);
      expect(answer.text).not.toContain('yak');
    }
    const specs = { specs: [{ project_id: granted, text }] };
    expect((await send('POST', '/ml/embed-specs', specs, guest.as)).status).toBe(403);
    const writer = await people.account('guest');
    const toWriter = { ...grant, subject: { ...subject, id: writer.id }, role: 'writer_of_one' };
    await made('POST', '/grants', toWriter, owner);
    expect(await made('POST', '/ml/embed-specs', specs, writer.as)).toMatchObject({ stored: 1 });
    const other = { specs: [{ project_id: hidden, text }] };
    expect((await send('POST', '/ml/embed-specs', other, writer.as)).status).toBe(404);
  });

  test('who may read the library alone is recommended by what artifacts say, and told of no project', async () => {
    const people = peopleOf(app);
    const owner = app.tenants.a.keys.tenant_admin;
    await made('POST', '/roles', { name: 'librarian', permissions: ['artifact:read'] }, owner);
    const librarian = await people.account('librarian');
    const id = await artifact(owner, { name: `walrus-counting-${randomUUID()}`, description: 'Counting of walrus.' });
    const user = await project(owner, { problem_class: 'zoology' }, 'Counting of walrus herds.');
    await use(owner, id, user);
    const body = { text: 'Counting of walrus herds', problem_class: 'zoology' };
    const recommended = await made<Recommendations>('POST', '/recommendations', body, librarian.as);
    expect(recommended).toMatchObject({ items: [{ artifact_id: id, similar_users: 0, class_users: 0 }], similar: [] });
  });
});
