import Type, { type TSchema, type TString } from 'typebox';
import { roles } from './roles.ts';

/** A value, or null. */
export const orNull = <Schema extends TSchema>(schema: Schema, description?: string) =>
  Type.Union([schema, Type.Null()], description === undefined ? {} : { description });

/** Text that PostgreSQL can store and every JSON reader can read. Lengths are in characters. */
export const text = (minLength: number, maxLength: number, more: { description?: string } = {}): TString =>
  Type.Refine(
    Type.String({ minLength, maxLength, ...more }),
    (value) => value.isWellFormed() && !value.includes('\0'),
    () => 'must hold neither NUL nor unpaired surrogates',
  );

export const email = Type.Refine(
  Type.String({ minLength: 3, maxLength: 254, format: 'email' }),
  (value) => value.isWellFormed() && !value.includes('\0'),
  () => 'must hold neither NUL nor unpaired surrogates',
);

/** A proof of being human, as the captcha's script gives it to the page. */
export const captchaToken = text(1, 8192, {
  description: 'The proof of the captcha whose site key a `captcha_required` answer named.',
});

const slugShape = {
  minLength: 2,
  maxLength: 63,
  pattern: '^[a-z0-9]([a-z0-9-]*[a-z0-9])?$',
  description: 'Lower-case letters, digits and inner hyphens.',
};

export const slug = Type.String(slugShape);

/** Words that MLflow's client refuses as a workspace's name. */
export const reservedSlugs: readonly string[] = ['workspaces', 'api', 'ajax-api', 'static-files'];

/** The slug of a tenant to be made: one that MLflow's client accepts as a workspace's name. */
export const newSlug = Type.Refine(
  Type.String(slugShape),
  (value) => !reservedSlugs.includes(value),
  () => `must not be one of ${reservedSlugs.join(', ')}`,
);

export const id = Type.String({
  pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
  description: 'A UUID in lower case.',
});

export const role = Type.String({
  pattern: '^[a-z][a-z0-9_-]{0,62}$',
  description: `A role of every tenant (from the weakest: ${roles.join(', ')}), or one of this tenant's own.`,
});

/** Asked of every way of signing in. */
export const inCookie = Type.Boolean({
  description: 'For browsers: the session is in a cookie that no script can read, and no token is in the answer.',
});

/** A tenant's setting. */
export const requiresFactor = Type.Boolean({
  description:
    'Whether the tenant is closed to sessions without a second factor, and to API keys of people who have none.',
});

/** A tenant's setting. */
export const sessionDays = Type.Union([Type.Integer({ minimum: 1, maximum: 365 }), Type.Null()], {
  description: 'Days from a sign-in to the end of its session; null: as the server has it.',
});

/** A tenant's setting. */
export const sessionIdleMinutes = Type.Union([Type.Integer({ minimum: 5, maximum: 525_600 }), Type.Null()], {
  description: 'Minutes after which a session that is not used ends; null: as the server has it.',
});

export const time = Type.String({ format: 'date-time' });

/** At most this many on a page of a list. */
const pageSize = Type.Integer({ minimum: 1, maximum: 1000 });

export const strict = { additionalProperties: false } as const;

function isStorable(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed() && !value.includes('\0');
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([key, inner]) => isStorable(key) && isStorable(inner));
}

const jsonBytesMax = 64 * 1024;

/** An object of the caller's own making. */
export const json = Type.Refine(
  Type.Record(Type.String(), Type.Unknown(), { description: `At most ${jsonBytesMax} bytes as JSON.` }),
  (value) => isStorable(value) && Buffer.byteLength(JSON.stringify(value)) <= jsonBytesMax,
  () => `must hold neither NUL nor unpaired surrogates, and at most ${jsonBytesMax} bytes`,
);

export const pageInput = {
  limit: Type.Optional(pageSize),
  page_token: Type.Optional(Type.String({ minLength: 1, maxLength: 2048, description: 'Of the page before.' })),
};
