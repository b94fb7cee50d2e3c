import type { Variable } from './variables.ts';

/** The service that gives requirements texts their vectors. */
export const embeddingsVariables = [
  {
    name: 'MAESTRO_EMBEDDINGS_URL',
    description:
      'A service that speaks OpenAI’s POST /embeddings, by which requirements texts are compared beside their words. They are sent there; without it they leave Maestro nowhere. Together with MAESTRO_EMBEDDINGS_MODEL. Beyond this machine it takes https.',
    example: 'https://api.openai.com/v1',
  },
  {
    name: 'MAESTRO_EMBEDDINGS_MODEL',
    description: 'Its model. With another one, requirements are compared by words until they are stored anew.',
    example: 'text-embedding-3-small',
  },
  {
    name: 'MAESTRO_EMBEDDINGS_KEY',
    description: 'Its key, sent as a bearer token. Without it: none.',
    example: 'sk-…',
    secret: true,
  },
] as const satisfies readonly Variable[];
