import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { withClient } from '../src/db/roles.ts';
import { startTestApp, type TestApp } from './app.ts';
import { caseOf } from './route_cases.ts';
import { worldOf } from './route_world.ts';

/**
 * Operations that change something and leave no row in an audit log, each kind with its reason. Whatever else is not a
 * read must leave one.
 */
const unaudited: Readonly<Record<string, string>> = {
  'auth.refresh': 'goes on with a session that was audited; a refusal is audited',
  'experiment.create': 'work, not administration',
  'experiment.update': 'work',
  'experiment.set_tag': 'work',
  'experiment.delete_tag': 'work',
  'run.create': 'work',
  'run.update': 'work',
  'run.log': 'work',
  'run.log_batch': 'work',
  'run.log_inputs': 'work',
  'run.log_outputs': 'work',
  'run.log_model': 'work',
  'run.set_tag': 'work',
  'run.delete_tag': 'work',
  'run.tag_many': 'work',
  'metric.series': 'a read',
  'metric.groups': 'a read',
  'param.importance': 'a read',
  'artifact.create': 'work',
  'artifact.search': 'a read',
  'artifact.promote': 'work',
  'artifact.update': 'work',
  'artifact.use': 'work',
  'artifact_version.create': 'work',
  'artifact_content.write': 'work',
  'logged_model.create': 'work',
  'logged_model.finalize': 'work',
  'logged_model.log_params': 'work',
  'logged_model.set_tags': 'work',
  'logged_model.set_tag': 'work',
  'logged_model.delete_tag': 'work',
  'project.create': 'work',
  'project.update': 'work',
  'project.predict': 'work',
  'prediction.create': 'work',
  'process_metric.add': 'work',
  'team_member.create': 'work',
  'team_member.update': 'work',
  'process_metric.add_batch': 'work',
  'file.write': 'work',
  'run_file.write': 'work',
  'upload.begin': 'work',
  'upload.write_part': 'work',
  'upload.complete': 'work',
  'upload.abort': 'takes back what was never there',
  'file.presign_upload': 'work',
  'file.presign_download': 'a read',
  'run.search': 'a read',
  'run.search_by_body': 'a read',
  'run.aggregate': 'a read',
  'run.list_infos': 'a read',
  'run.compare_keys': 'a read',
  'run_set.create': 'names what is read, for a link',
  'metric.summarize': 'a read',
  'run.search_documents': 'a read',
  'experiment.list': 'a read',
  'logged_model.list': 'a read',
  'dataset.list': 'a read',
  'metric.list': 'a read',
  'metric.sample': 'a read',
  'metric.read_bulk': 'a read',
  'auth.passkey_options': 'asks for a sign-in; its outcome is audited',
  'auth.begin_provider': 'asks for a sign-in; its outcome is audited',
  'identity.begin_link': 'asks for an identity; that it was added is audited',
  'auth.password_strength': 'a read',
  'auth.begin_device': 'asks for a sign-in; its outcome is audited',
  'auth.request_password_reset':
    'nothing happens for an address that nobody has; what does, behind the answer, is audited',
  'factor.begin_totp': 'asks for a factor; that it was added is audited',
  'factor.webauthn_options': 'asks for a factor; that it was added is audited',
  'code.record_commits': 'work',
  'ci.record_report': 'work',
  'spec.embed': 'work',
  'spec.find_similar': 'a read',
  'spec.analyze_overlap': 'a read',
  'spec.estimate_effort': 'a read',
  'spec.recommend_reuse_strategy': 'a read',
  'recommendation.list': 'a read',
  'webhook.receive': 'what a source tells; a refusal is audited',
  'workspace.change': 'is refused always, which is audited',
};

let app: TestApp;
const routes: { method: string; url: string; operation: string }[] = [];
beforeAll(async () => {
  app = await startTestApp({
    onRoute: ({ method, url, config }) => {
      for (const one of [method].flat()) {
        if (config?.operation !== undefined) routes.push({ method: one, url, operation: config.operation });
      }
    },
  });
});
afterAll(() => app?.stop());

/** How many rows the tenants' logs have, and the operators' without the system's own. */
const rows = () =>
  withClient(app.database.superuser, async (client) => {
    const { rows: found } = await client.query<{ tenants: string; operators: string }>(
      `SELECT (SELECT count(*) FROM maestro.audit_events) AS tenants,
              (SELECT count(*) FROM maestro.operator_audit_events
                WHERE action NOT IN ('system.enter', 'auth.credentials')) AS operators`,
    );
    return { tenants: Number(found[0]?.tenants), operators: Number(found[0]?.operators) };
  });

const viewer = { email: 'viewer@example.org', password: '' };

async function signIn({ email, password }: { email: string; password: string }): Promise<string> {
  const signedIn = await app.send('POST', '/api/v1/auth/login', { json: { email, password } });
  return (signedIn.body as { access_token: string }).access_token;
}

async function sessionOfViewer(): Promise<string> {
  const json = { email: viewer.email, tenant: 'tenant-a', role: 'viewer' };
  const made = await app.send('POST', '/api/v1/users', { as: app.operatorKey, json });
  viewer.password = (made.body as { password: string }).password;
  return signIn(viewer);
}

/** Nothing to remove is no removal: retention.integration.test.ts has some. */
const notSucceeding = ['audit.retention'];

test('every operation that deletes, administers or changes access leaves its row, on both faces', async () => {
  let session = await sessionOfViewer();
  const operatorSession = await signIn(app.admin);
  const adminKey = app.tenants.a.keys.tenant_admin;
  const faults: string[] = [];
  let audited = 0;
  for (const { method, url, operation } of routes) {
    const isRead = (method === 'GET' || method === 'HEAD') && !/audit\/(?:export|verify)/.test(url);
    if (isRead || operation in unaudited || notSucceeding.includes(operation) || /ajax-api|api\/3\.0/.test(url))
      continue;
    const found = caseOf(method, url)?.found;
    if (!found) continue;
    const sample = (await found.sample?.(worldOf(app, { adminKey, session }), app)) ?? {};
    const { params = {}, query, json, body } = sample;
    const path = url.replace(/:([a-z_]+)|\*/g, (whole, name = whole) => params[name as string] ?? '');
    // Whoever ends a session needs another one for what comes after.
    if (found.needs === 'signed_in') session = await signIn(viewer);
    const as = {
      operator: app.operatorKey,
      operator_key: app.operatorKey,
      operator_session: operatorSession,
      signed_in: session,
    }[String(found.needs)];
    const before = await rows();
    const answer = await app.send(method, path + (query ? `?${new URLSearchParams(query)}` : ''), {
      as: found.needs === 'public' ? undefined : (as ?? (found.asUser ? session : adminKey)),
      ...(json === undefined || method === 'GET' || method === 'HEAD' ? {} : { json }),
      ...(body === undefined ? {} : { body }),
    });
    // What its case says that it cannot do without more than a request is tested beside its code.
    if (answer.status >= 400 && (found.answers?.[0] ?? 0) >= 400) continue;
    if (answer.status >= 300) faults.push(`${method} ${url}: ${answer.status} ${answer.text}`);
    // What mails something is audited behind the answer.
    const isRecorded = await vi
      .waitUntil(
        async () => {
          const after = await rows();
          return after.tenants > before.tenants || after.operators > before.operators;
        },
        { timeout: 5_000, interval: 50 },
      )
      .catch(() => false);
    if (!isRecorded) faults.push(`${method} ${url}: ${operation} left no row`);
    audited += 1;
  }
  expect(faults).toEqual([]);
  expect(audited).toBeGreaterThan(25);
}, 120_000);

test('every operation named as leaving none is there', () => {
  const names = new Set(routes.map(({ operation }) => operation));
  expect(Object.keys(unaudited).filter((name) => !names.has(name))).toEqual([]);
});
