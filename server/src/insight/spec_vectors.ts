import type { TenantTx } from '../db/tenancy.ts';
import type { Ports } from '../ports/ports.ts';
import { findVectors } from './spec_queries.ts';

/** A text's vector, with the name of the model that made it. */
export interface Embedded {
  readonly model: string;
  readonly vector: Float32Array;
}

/** Vectors of texts, where a service is configured and answers. Called outside of transactions: it may take its time. */
export async function embed({ embeddings }: Ports, texts: readonly string[]): Promise<Embedded[] | undefined> {
  const vectors = await embeddings?.embed(texts);
  return embeddings && vectors?.map((vector) => ({ model: embeddings.model, vector }));
}

/** As it is stored: 4-byte floats, little end first. */
export function stored({ vector }: Embedded): Buffer {
  const buffer = Buffer.allocUnsafe(4 * vector.length);
  for (const [at, value] of vector.entries()) buffer.writeFloatLE(value, 4 * at);
  return buffer;
}

/** The cosine of a vector of length 1 and one that is stored; undefined where their sizes differ. */
function cosineOf(vector: Float32Array, other: Buffer): number | undefined {
  if (other.length !== 4 * vector.length) return undefined;
  const view = new DataView(other.buffer, other.byteOffset, other.length);
  let sum = 0;
  for (let at = 0; at < vector.length; at += 1) sum += (vector[at] as number) * view.getFloat32(4 * at, true);
  return sum;
}

/**
 * Specs that are compared by their vectors beside those that words lead to: the newest. All of 100,000 vectors of 384
 * numbers are 150 MB, too much to be read for a question.
 */
const newestMax = 300;

/** Likeness by vectors, 0 to 1: of the projects `ids` and of the newest, as far as their vectors are comparable. */
export async function likenessByVector(
  tx: TenantTx,
  { model, vector }: Embedded,
  ids: readonly string[],
  granted: readonly string[] | undefined,
): Promise<Map<string, number>> {
  const rows = await findVectors(tx, model, { ids, newest: newestMax, only: granted ?? null });
  return new Map(
    rows.flatMap(({ project_id, vector: other }) => {
      const likeness = cosineOf(vector, other);
      return likeness === undefined ? [] : [[project_id, Math.min(1, Math.max(0, likeness))] as const];
    }),
  );
}
