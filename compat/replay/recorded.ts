import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Case } from './case.ts';
import { parseTree, printTree, type Seen, type Tree } from './normalise.ts';
import { requestText } from './play.ts';

/** Genuine answers kept in the repository, so that an ordinary test needs no genuine server. */
export interface Recorded {
  mlflow: string;
  backend: string;
  answers: Map<string, { request: string; seen: Seen }>;
}

// A line for the versions, then one for each answer: a changed answer is one changed line in a diff.
const file = path.join(import.meta.dirname, 'recorded.jsonl');

/** A fingerprint that changes with the request, not with the case's name. */
export function fingerprint(c: Case): string {
  return createHash('sha256').update(requestText(c)).digest('hex').slice(0, 12);
}

export function readRecorded(): Recorded {
  const [head, ...lines] = readFileSync(file, 'utf8').trimEnd().split('\n');
  const { mlflow, backend } = JSON.parse(head!) as { mlflow: string; backend: string };
  const answers: Recorded['answers'] = new Map();
  for (const line of lines) {
    const [id, request, status, type, body] = parseTree(line) as [string, string, { '#': string }, string, Tree];
    answers.set(id, { request, seen: { status: Number(status['#']), type, body } });
  }
  return { mlflow, backend, answers };
}

export function writeRecorded({ mlflow, backend, answers }: Recorded): void {
  const lines = [...answers].map(([id, { request, seen }]) =>
    printTree([id, request, { '#': String(seen.status) }, seen.type, seen.body]),
  );
  writeFileSync(file, `${[JSON.stringify({ mlflow, backend }), ...lines].join('\n')}\n`);
}
