import type { Call } from '@maestro/sdk/call';
import type { paths } from '@maestro/sdk/contract';
import { refusalIn } from '@maestro/sdk/problem';
import createClient from 'openapi-fetch';
import { signedInAgain } from '../sign_in/session.ts';

/** `/api/v1` as this browser's session, typed by its contract. Every refusal is thrown as a MaestroError. */
export interface Api {
  readonly GET: Call<'get'>;
  readonly PUT: Call<'put'>;
  readonly POST: Call<'post'>;
  readonly PATCH: Call<'patch'>;
  readonly DELETE: Call<'delete'>;
}

/** A session that ended is opened anew in front of the page, and what was asked is asked again: no edit is lost. */
async function send(request: Request): Promise<Response> {
  for (;;) {
    const response = await fetch(request.clone());
    if (response.ok) return response;
    const isSignIn = new URL(request.url).pathname.startsWith('/api/v1/auth/');
    if (response.status !== 401 || isSignIn) throw await refusalIn(response);
    await signedInAgain();
  }
}

const apis = new Map<string, Api>();

/** The API in a tenant, by its slug; '' is for what belongs to no tenant. */
export function apiOf(tenant: string): Api {
  let api = apis.get(tenant);
  if (api === undefined) {
    api = createClient<paths>({
      baseUrl: `${location.origin}/api/v1`,
      fetch: send,
      headers: tenant === '' ? {} : { 'x-mlflow-workspace': tenant },
    }) as unknown as Api;
    apis.set(tenant, api);
  }
  return api;
}
