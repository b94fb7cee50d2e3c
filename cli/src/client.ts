import { createMaestro, type Maestro } from '@maestro/sdk';
import { MaestroError } from '@maestro/sdk/problem';
import { SignedOut } from '@maestro/sdk/tokens';
import { ContentMismatch } from '@maestro/sdk/transfer';
import type { Api } from './api.ts';
import { Failure, unreachable } from './failure.ts';
import { ownPlaceIn } from './place.ts';

/** Works in a tenant by means of the SDK: typed, repeated where the line breaks, with files of any size. */
export async function inTenantOf<Result>(
  { server, ...api }: Api,
  tenant: string | undefined,
  work: (maestro: Maestro) => Promise<Result>,
): Promise<Result> {
  ownPlaceIn({ server, ...api }, tenant);
  const credentials = { token: () => server.token() };
  try {
    return await work(createMaestro({ url: server.url, credentials, ...(tenant === undefined ? {} : { tenant }) }));
  } catch (error) {
    const isTold = error instanceof MaestroError || error instanceof SignedOut || error instanceof ContentMismatch;
    if (isTold) throw new Failure(error.message);
    throw error instanceof TypeError ? unreachable(server.url, error) : error;
  }
}
