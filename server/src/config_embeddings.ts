import { address } from './config_secrets.ts';
import type { SecurityReader } from './config_security.ts';

/** The service that gives requirements texts their vectors. */
export interface EmbeddingsConfig {
  readonly url: string;
  readonly model: string;
}

/** Undefined: texts go nowhere. A fault is a sentence pushed to `faults`. */
export function readEmbeddings(
  read: SecurityReader,
  faults: string[],
): { config: EmbeddingsConfig | undefined; key: string | undefined } {
  const url = read.text('MAESTRO_EMBEDDINGS_URL');
  const model = read.text('MAESTRO_EMBEDDINGS_MODEL');
  const key = read.secret('MAESTRO_EMBEDDINGS_KEY');
  if (url === undefined && model === undefined) {
    if (key !== undefined) faults.push('MAESTRO_EMBEDDINGS_KEY is set without MAESTRO_EMBEDDINGS_URL');
    return { config: undefined, key: undefined };
  }
  if (url === undefined || model === undefined) {
    faults.push('MAESTRO_EMBEDDINGS_URL and MAESTRO_EMBEDDINGS_MODEL: give both, or neither');
    return { config: undefined, key: undefined };
  }
  return { config: { url: address('MAESTRO_EMBEDDINGS_URL', url, faults), model }, key };
}
