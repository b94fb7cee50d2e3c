import type { Client } from './client.ts';

export interface FloodFigures {
  readonly seconds: number;
  /** Answers by status. */
  readonly answers: Record<number, number>;
  readonly errors: number;
}

/** Tries wrong passwords, for many people, on `connections` connections at once. */
export async function floodSignIn(
  client: Client,
  { seconds, connections }: { seconds: number; connections: number },
): Promise<FloodFigures> {
  const answers: Record<number, number> = {};
  let errors = 0;
  const startedAt = Date.now();
  const endsAt = startedAt + seconds * 1000;
  await Promise.all(
    Array.from({ length: connections }, async (_, connection) => {
      for (let attempt = 0; Date.now() < endsAt; attempt += 1) {
        const email = `nobody-${connection}-${attempt}@example.com`;
        try {
          const { status } = await client.send('POST', '/api/v1/auth/login', { email, password: 'not the password' });
          answers[status] = (answers[status] ?? 0) + 1;
        } catch {
          errors += 1;
        }
      }
    }),
  );
  return { seconds: (Date.now() - startedAt) / 1000, answers, errors };
}
