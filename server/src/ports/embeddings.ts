import type { Logger } from 'pino';
import Type from 'typebox';
import { Compile } from 'typebox/compile';

/** A service that gives texts vectors, as OpenAI's `POST /embeddings` does. */
export interface Embeddings {
  /** The name of its model: vectors of another one are not comparable. */
  readonly model: string;
  /** A vector of length 1 for each text; undefined where the service fails, which is logged. */
  embed(texts: readonly string[]): Promise<Float32Array[] | undefined>;
}

export interface EmbeddingsOptions {
  /** Such as https://api.openai.com/v1, without a trailing slash. */
  readonly url: string;
  readonly model: string;
  readonly key: string | undefined;
  readonly log: Logger;
  /** For all requests of one call. */
  readonly timeoutMs?: number;
  /** How long a service that failed is left alone, so that not every call waits for it. */
  readonly restMs?: number;
}

/** Characters of a piece: some 1,000 tokens, which every model takes. */
const pieceLength = 4_000;
/** Pieces of one text: what comes later is not looked at. */
const piecesMax = 8;
/** Texts of one request. */
const batchMax = 64;
const dimensionsMax = 8_192;
/** Of an answer: 64 vectors of 8,192 numbers with 20 characters each. */
const bytesMax = 16 * 1024 * 1024;

const Answer = Compile(
  Type.Object({
    data: Type.Array(Type.Object({ index: Type.Integer(), embedding: Type.Array(Type.Number(), { minItems: 1 }) })),
  }),
);

/** Why the service gave no vectors. Never holds what it said: that may repeat the text, or the key. */
class Refusal extends Error {}

async function read(response: Response): Promise<unknown> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const piece of response.body ?? []) {
    bytes += piece.byteLength;
    if (bytes > bytesMax) throw new Refusal(`its answer is longer than ${bytesMax} bytes`);
    text += decoder.decode(piece, { stream: true });
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal('its answer is no JSON');
  }
}

/** A vector in the direction of another, of length 1. */
function unit(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector);
  if (!(length > 0 && length < Number.POSITIVE_INFINITY)) throw new Refusal('it gave a vector without a direction');
  return vector.map((value) => value / length);
}

function vectorsOf(answer: unknown, count: number): Float32Array[] {
  if (!Answer.Check(answer)) throw new Refusal('its answer is not {"data":[{"index":…,"embedding":[…]}]}');
  const vectors = new Map(answer.data.map(({ index, embedding }) => [index, Float32Array.from(embedding)]));
  return Array.from({ length: count }, (_, index) => {
    const vector = vectors.get(index);
    if (!vector) throw new Refusal(`it gave ${answer.data.length} vectors for ${count} texts`);
    if (vector.length > dimensionsMax) throw new Refusal(`it gave a vector of more than ${dimensionsMax} numbers`);
    return unit(vector);
  });
}

/** Pieces of a text. A pair of surrogates that is cut is replaced when it is sent. */
const piecesOf = (text: string): string[] =>
  Array.from({ length: Math.min(piecesMax, Math.max(1, Math.ceil(text.length / pieceLength))) }, (_, at) =>
    text.slice(at * pieceLength, (at + 1) * pieceLength).toWellFormed(),
  );

/** The middle of vectors of one size, of length 1. */
function middleOf(vectors: readonly Float32Array[]): Float32Array {
  const sum = new Float32Array(vectors[0]?.length ?? 0);
  for (const vector of vectors) for (const [at, value] of vector.entries()) (sum[at] as number) += value;
  return unit(sum);
}

/** Certificates are verified as Node does; the address is fixed by configuration, and a redirection is followed nowhere. */
export function openEmbeddings(options: EmbeddingsOptions): Embeddings {
  const { url, model, key, log, timeoutMs = 10_000, restMs = 30_000 } = options;
  let restsUntil = 0;

  async function request(input: readonly string[], signal: AbortSignal): Promise<Float32Array[]> {
    const response = await fetch(`${url}/embeddings`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      },
      body: JSON.stringify({ model, input, encoding_format: 'float' }),
      redirect: 'error',
      signal,
    });
    if (!response.ok) {
      await response.body?.cancel();
      throw new Refusal(`it answered ${response.status}`);
    }
    return vectorsOf(await read(response), input.length);
  }

  return {
    model,
    async embed(texts) {
      if (texts.length === 0) return [];
      if (performance.now() < restsUntil) return undefined;
      try {
        const signal = AbortSignal.timeout(timeoutMs);
        const pieces = texts.map(piecesOf);
        const all = pieces.flat();
        const vectors: Float32Array[] = [];
        for (let from = 0; from < all.length; from += batchMax) {
          vectors.push(...(await request(all.slice(from, from + batchMax), signal)));
        }
        const size = vectors[0]?.length;
        if (vectors.some(({ length }) => length !== size)) throw new Refusal('it gave vectors of different sizes');
        return pieces.map(({ length }) => middleOf(vectors.splice(0, length)));
      } catch (error) {
        restsUntil = performance.now() + restMs;
        // The cause of a failed fetch names the address at most; headers and bodies are in neither.
        const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : undefined;
        const reason = error instanceof Error ? error.message : String(error);
        log.warn({ reason, cause }, 'the embeddings service failed: requirements are compared by words alone');
        return undefined;
      }
    },
  };
}
