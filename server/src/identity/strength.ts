import Type from 'typebox';
import { defineOperation } from '../operation.ts';
import { explain, givenPassword, lengthMinOf, problemsOf } from './password_policy.ts';
import { email, slug, strict } from './schemas.ts';

/** What zxcvbn looks at. Past this many characters the score is the highest anyway, unless they repeat. */
const charactersMax = 32;
/** The estimate takes up to 25 ms of the event loop: all who ask share a tenth of it, a second's worth at first. */
const budgetMsMax = 1_000;
const budgetShare = 0.1;

type Estimate = (password: string) => { score: number };

let loaded: Promise<Estimate> | undefined;

function loadEstimate(): Promise<Estimate> {
  loaded ??= Promise.all([import('@zxcvbn-ts/core'), import('@zxcvbn-ts/language-common')]).then(
    ([{ ZxcvbnFactory }, { dictionary, adjacencyGraphs }]) => {
      const factory = new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs });
      return (password) => factory.check(password);
    },
  );
  return loaded;
}

export interface StrengthMeter {
  /** 0 (guessed at once) to 4 (very hard to guess); null where too many ask at once. */
  score(password: string): Promise<number | null>;
}

/** `now` gives milliseconds. */
export function openStrengthMeter(now: () => number = () => performance.now()): StrengthMeter {
  let budgetMs = budgetMsMax;
  let at = now();
  return {
    async score(password) {
      const estimate = await loadEstimate();
      const start = now();
      budgetMs = Math.min(budgetMsMax, budgetMs + (start - at) * budgetShare);
      at = start;
      if (budgetMs <= 0) return null;
      const { score } = estimate([...password].slice(0, charactersMax).join(''));
      budgetMs -= now() - start;
      return score;
    },
  };
}

const meter = openStrengthMeter();

/** Whether a password may be set, and how strong it is, for whoever is choosing one. It is kept nowhere. */
export const passwordStrength = defineOperation({
  name: 'auth.password_strength',
  permission: 'public',
  transaction: 'administration',
  input: Type.Object(
    {
      password: givenPassword,
      email: Type.Optional(email),
      tenant: Type.Optional(slug),
      with_factor: Type.Optional(Type.Boolean({ description: 'The person must use a second factor.' })),
    },
    strict,
  ),
  output: Type.Object({
    acceptable: Type.Boolean(),
    problems: Type.Array(Type.Object({ code: Type.String(), message: Type.String() })),
    score: Type.Union([Type.Integer({ minimum: 0, maximum: 4 }), Type.Null()], {
      description: 'From 0, guessed at once, to 4; null where too many ask at once.',
    }),
    length_min: Type.Integer(),
  }),
  async run({ ports }, { password, email: address, tenant, with_factor: mustUseFactor = false }) {
    const { policy } = ports.identity;
    const tenants = tenant === undefined ? [] : [tenant];
    const problems = await problemsOf(password, policy, { email: address, tenants, mustUseFactor });
    const length_min = lengthMinOf(policy, mustUseFactor);
    return {
      acceptable: problems.length === 0,
      problems: problems.map((code) => ({ code, message: explain(code, length_min) })),
      // What an attacker guesses first is weak, however long it is.
      score: problems.length > 0 ? Math.min(1, (await meter.score(password)) ?? 0) : await meter.score(password),
      length_min,
    };
  },
});
