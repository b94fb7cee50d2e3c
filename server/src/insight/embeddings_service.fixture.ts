import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** What a service answers in place of vectors. */
export type Mood = (response: ServerResponse, input: readonly string[]) => void;

export interface EmbeddingsService {
  readonly url: string;
  /** The requests so far. */
  readonly asked: { readonly authorization: string | undefined; readonly model: string; readonly input: string[] }[];
  /** Undefined: it gives vectors. */
  mood: Mood | undefined;
  stop(): Promise<void>;
}

/** What stands for one thing: the words of a service that knows synonyms, as one that is asked for vectors does. */
const meanings: readonly string[][] = [
  ['churn', 'attrition', 'leave', 'cancel'],
  ['fraud', 'scam', 'theft'],
  ['demand', 'sales', 'purchases'],
];

/** Deterministic: a place for each meaning, and a little of everything. */
export const vectorOf = (text: string): number[] => [
  ...meanings.map((words) => 10 * words.filter((word) => text.toLowerCase().includes(word)).length),
  1,
];

/** A real HTTP server that speaks OpenAI's POST /embeddings. */
export async function startEmbeddingsService(): Promise<EmbeddingsService> {
  const asked: EmbeddingsService['asked'] = [];
  let mood: Mood | undefined;
  const server = createServer(async (request, response) => {
    if (request.method !== 'POST' || request.url !== '/v1/embeddings') return response.writeHead(404).end();
    const { model, input } = (await json(request)) as { model: string; input: string[] };
    asked.push({ authorization: request.headers.authorization, model, input });
    if (mood) return mood(response, input);
    const data = input.map((text, index) => ({ object: 'embedding', index, embedding: vectorOf(text) }));
    response.setHeader('content-type', 'application/json');
    // Order is not promised: the index says what belongs where.
    return response.end(JSON.stringify({ object: 'list', model, data: data.reverse() }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    asked,
    get mood() {
      return mood;
    },
    set mood(next) {
      mood = next;
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

export const answering =
  (status: number, body: string, headers: Record<string, string> = {}): Mood =>
  (response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
