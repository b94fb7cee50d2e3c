import { createHmac, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { github } from '../../server/src/sources/deliveries.fixture.ts';
import { type CommandLine, expectFailure, json, said, startCommandLine } from './command_line.fixture.ts';

interface Hook {
  webhook_id: string;
  url: string;
  secret: string;
}

let line: CommandLine;

beforeAll(async () => {
  line = await startCommandLine();
  said(await run('project', 'create', 'Churn'));
});
afterAll(() => line?.stop());

const run = (...words: string[]) =>
  line.run([...words, '--tenant', 'tenant-a'], line.as(line.maestro.tenants.a.keys.data_scientist));
const webhook = (...words: string[]) => run('git', 'webhook', ...words, '--project', 'Churn');

/** The status of what a delivery signed with `secret` is answered. */
async function deliver({ url }: Hook, secret: string): Promise<number> {
  const body = JSON.stringify({ ...github.ping, zen: randomUUID() });
  const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
  const headers = { 'content-type': 'application/json', 'x-github-event': 'ping', 'x-hub-signature-256': signature };
  return (await line.maestro.send('POST', new URL(url).pathname, { body, headers })).status;
}

test('a webhook is made with its secret shown once, listed without it, given a new one, and deleted', async () => {
  expect(said(await webhook('list'))).toBe('No webhooks.\n');
  const hook = json<Hook>(await webhook('create', '--kind', 'github', '--json'));
  expect(await deliver(hook, hook.secret)).toBe(200);
  const listed = said(await webhook('list'));
  expect(listed).toContain(hook.url);
  expect(listed).not.toContain(hook.secret);
  const changed = said(await webhook('rotate', hook.webhook_id));
  const [, secret = ''] = /^Secret +(whsec_\S+)$/m.exec(changed) ?? [];
  expect(changed).toMatch(/^Payload URL +http/m);
  expect(await deliver(hook, hook.secret)).toBe(404);
  expect(await deliver(hook, secret)).toBe(200);
  expect(json(await webhook('delete', hook.webhook_id, '--yes', '--json'))).toEqual({ webhook_id: hook.webhook_id });
  expect(await deliver(hook, secret)).toBe(404);
  expectFailure(await webhook('rotate', hook.webhook_id), 1, /No webhook with id/);
});

test('one of GitLab says where its secret goes there; another source is wrong usage', async () => {
  expect(said(await webhook('create', '--kind', 'gitlab'))).toMatch(/^Signing token +whsec_/m);
  expectFailure(await webhook('create', '--kind', 'bitbucket'), 2, /github, gitlab/);
  expectFailure(await webhook('create'), 2, /--kind/);
  const [hook] = json<Hook[]>(await webhook('list', '--json'));
  expectFailure(await webhook('delete', (hook as Hook).webhook_id), 2, /add --yes/);
});
