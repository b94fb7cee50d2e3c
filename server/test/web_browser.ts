import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import type { TestAnswer, TestApp } from './app.ts';

/** A browser as far as sign-ins at other sites need one: cookies by host, redirections, and where a request comes from. */
export interface WebBrowser {
  /** Sends to Maestro as a page of its own does. */
  call(method: string, path: string, json?: unknown): Promise<TestAnswer>;
  /** Goes to an address of another site and on, up to the one that leads back to Maestro, which is not yet asked. */
  awayTo(address: string): Promise<string>;
  /** Goes to an address of Maestro, coming from another site: where it leads on to. Throws where it leads nowhere. */
  backTo(address: string): Promise<string>;
  /** The cookies that Maestro set. */
  cookies(): Record<string, string>;
}

const ownPage = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' };
const visit = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };

/** `reach` is how it reaches other sites: they may have names that this machine gives them. */
export function openWebBrowser(app: TestApp, reach: typeof fetch = fetch): WebBrowser {
  const jars = new Map<string, Map<string, string>>();
  const jarOf = (address: string): Map<string, string> => {
    const { hostname } = new URL(address);
    const jar = jars.get(hostname) ?? new Map<string, string>();
    jars.set(hostname, jar);
    return jar;
  };
  const keep = (address: string, headers: Headers): void => {
    for (const text of headers.getSetCookie()) {
      const [pair = '', ...attributes] = text.split(';');
      const [name = '', ...value] = pair.split('=');
      const isGone = attributes.some((attribute) => /^\s*max-age=0$/i.test(attribute)) || value.join('=') === '';
      if (isGone) jarOf(address).delete(name.trim());
      else jarOf(address).set(name.trim(), value.join('='));
    }
  };
  const cookieHeader = (address: string): Record<string, string> => {
    const pairs = [...jarOf(address)].map(([name, value]) => `${name}=${value}`);
    return pairs.length === 0 ? {} : { cookie: pairs.join('; ') };
  };
  /** As the address line does it: fetch() would say that a script asks. */
  const visitMaestro = async (address: string): Promise<Response> => {
    const asked = request(address, { headers: { ...visit, ...cookieHeader(address) } }).end();
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    const headers = new Headers(
      Object.entries(answer.headersDistinct).flatMap(([name, values = []]) =>
        values.map((value): [string, string] => [name, value]),
      ),
    );
    return new Response(await text(answer), { status: answer.statusCode ?? 0, headers });
  };
  const go = async (address: string): Promise<Response> => {
    const answer = address.startsWith(app.url)
      ? await visitMaestro(address)
      : await reach(address, { redirect: 'manual', headers: cookieHeader(address) });
    keep(address, answer.headers);
    return answer;
  };
  return {
    async call(method, path, json) {
      const headers = { ...ownPage, ...cookieHeader(app.url) };
      const answer = await app.send(method, `/api/v1${path}`, { headers, ...(json === undefined ? {} : { json }) });
      keep(app.url, answer.headers);
      return answer;
    },
    async awayTo(address) {
      let at = address;
      for (let step = 0; step < 10; step++) {
        const answer = await go(at);
        const location = answer.headers.get('location');
        if (location === null) throw new Error(`${at} leads nowhere: ${answer.status} ${await answer.text()}`);
        at = new URL(location, at).href;
        if (at.startsWith(app.url)) return at;
      }
      throw new Error('redirected for ever');
    },
    async backTo(address) {
      const answer = await go(address);
      const location = answer.headers.get('location');
      if (location === null) throw new Error(`${answer.status} ${await answer.text()}`);
      if (!location.startsWith(`${app.url}/`)) throw new Error(`it leads away: ${location}`);
      return location.slice(app.url.length);
    },
    cookies: () => Object.fromEntries(jarOf(app.url)),
  };
}
