import type { Call } from '@maestro/sdk/call';
import type { paths } from '@maestro/sdk/contract';
import { type MaestroError, refusalIn } from '@maestro/sdk/problem';
import createClient from 'openapi-fetch';
import { ownHeaders, signedInAgain, type Wanted } from '../sign_in/session.ts';
import { answerOf } from './no_answer.ts';

/** `/api/v1` as this browser's session, typed by its contract. Every refusal is thrown as a MaestroError. */
export interface Api {
  readonly GET: Call<'get'>;
  readonly PUT: Call<'put'>;
  readonly POST: Call<'post'>;
  readonly PATCH: Call<'patch'>;
  readonly DELETE: Call<'delete'>;
}

/** Where a refusal for want of a session is the answer, and nothing to ask anybody about. */
const signsIn = /^\/api\/v1\/auth\/(?!sessions|logout-all|request-email-verification)/;

/** What somebody can do about a refusal in front of the page. */
function wantedBy({ status, code }: MaestroError, path: string): Wanted | undefined {
  if (code === 'fresh_sign_in_required') return 'proof';
  return status === 401 && !signsIn.test(path) ? 'sign-in' : undefined;
}

/**
 * A session that ended is opened anew in front of the page, and what was asked is asked again: no edit is lost. So it is
 * where something takes a fresh proof of who asks.
 */
async function send(request: Request): Promise<Response> {
  if (request.method !== 'GET') {
    for (const [name, value] of Object.entries(ownHeaders())) request.headers.set(name, value);
  }
  for (;;) {
    const response = await fetch(request.clone());
    if (response.ok) return response;
    const refusal = await refusalIn(response);
    const wanted = wantedBy(refusal, new URL(request.url).pathname);
    if (wanted === undefined || !(await signedInAgain(wanted))) throw refusal;
  }
}

const methods = ['GET', 'PUT', 'POST', 'PATCH', 'DELETE'] as const;

const apis = new Map<string, Api>();

/** The API in a tenant, by its slug; '' is for what belongs to no tenant. */
export function apiOf(tenant: string): Api {
  let api = apis.get(tenant);
  if (api === undefined) {
    const client = createClient<paths>({
      baseUrl: `${location.origin}/api/v1`,
      fetch: send,
      headers: tenant === '' ? {} : { 'x-mlflow-workspace': tenant },
    });
    const calls = methods.map((method) => {
      const call = client[method] as (...given: unknown[]) => Promise<unknown>;
      return [method, (...given: unknown[]) => answerOf(call(...given))] as const;
    });
    api = Object.fromEntries(calls) as unknown as Api;
    apis.set(tenant, api);
  }
  return api;
}
