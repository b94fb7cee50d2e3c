import type { CustomFetch } from 'openid-client';

/** What a provider's answer may be long: its keys and a person's claims are some kilobytes. */
const answerBytesMax = 512 * 1024;

/** Statuses whose answers have no body. */
const bodiless = new Set([204, 205, 304]);

/** A provider that gave no answer of use: it is away, slow, out of order, or talks without end. */
export class ProviderAway extends Error {}

/** Whether something failed because the provider is away: the library wraps what its `fetch` throws. */
export function isAway(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof ProviderAway) return true;
  return false;
}

async function readBounded(response: Response): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    length += part.byteLength;
    if (length > answerBytesMax) throw new Error(`the answer is longer than ${answerBytesMax} bytes`);
    parts.push(part);
  }
  return new Uint8Array(Buffer.concat(parts));
}

/**
 * `fetch` for what providers say: no redirection is followed, and no answer is read without end. Throws `ProviderAway`.
 */
export const boundedFetch =
  (fetchIt: typeof fetch): CustomFetch =>
  async (url, options) => {
    try {
      const response = await fetchIt(url, { ...options, redirect: 'manual' } as RequestInit);
      if (response.status >= 500) throw new Error(`the answer has the status ${response.status}`);
      const body = await readBounded(response);
      return new Response(bodiless.has(response.status) ? null : body, {
        status: response.status,
        headers: response.headers,
      });
    } catch (cause) {
      throw new ProviderAway(`no answer of ${new URL(url).host}`, { cause });
    }
  };
