import { isDeepStrictEqual } from 'node:util';
import type { Parts } from '../search_terms/search_terms.ts';
import type { ProjectFields } from './queries.ts';

/** Characters of the metadata that a project is found by. */
const metadataMax = 2_000;

function* textsIn(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) yield* textsIn(inner);
}

/** The words that a project is found by: of its name, its class of problem and the texts in its metadata. */
export const foundBy = ({ name, problem_class, metadata }: ProjectFields): Parts => ({
  name,
  tags: problem_class === null ? [] : [problem_class],
  description: [...textsIn(metadata)].join(' ').slice(0, metadataMax),
});

export const isFoundAlike = (one: ProjectFields, other: ProjectFields): boolean =>
  isDeepStrictEqual(foundBy(one), foundBy(other));
