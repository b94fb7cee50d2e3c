import Type from 'typebox';
import { id, orNull, text } from '../identity/schemas.ts';
import { Impact } from '../library/schemas.ts';
import { OutcomeSchema } from './spec_outcomes.ts';
import { specMax } from './specs.ts';

export const specText = text(1, specMax, { description: 'Requirements, as Markdown or plain text.' });

/** Of 0 to 1. */
const share = (description: string) => Type.Number({ minimum: 0, maximum: 1, description });

export const words = Type.Array(Type.String(), { description: 'Words, the most telling first.' });

export const by = Type.Enum(['bm25', 'embeddings'], {
  description:
    'embeddings: also by the service that the operator configured. bm25: by words alone, where there is none, or it failed.',
});

export const basis = Type.Enum(['requirements', 'description'], {
  description: 'What it was compared by: its stored requirements, or its name, class of problem and metadata.',
});

export const SimilarSchema = Type.Object({
  project_id: id,
  name: Type.String(),
  similarity: share('0: nothing in common, 1: the same. By words, the cosine of their TF-IDF vectors.'),
  by,
  basis,
  shared_terms: words,
  ...OutcomeSchema.properties,
});

export const degree = share('The share of the section’s words that are there, each counted by how much it tells.');

export const ImpactSchema = orNull(Impact, 'Null: not estimated yet.');
