import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { expect, test } from 'vitest';
import { faultOf } from './fault.ts';
import { email, id, slug } from './identity/schemas.ts';

const validator = Compile(
  Type.Object(
    {
      name: Type.String(),
      role: Type.Optional(Type.Enum(['viewer', 'ml_engineer'])),
      expires: Type.Optional(Type.Literal('never')),
      owner: Type.Optional(id),
      mail: Type.Optional(email),
      slug: Type.Optional(slug),
      code: Type.Optional(Type.String({ pattern: '^[A-Z]+$' })),
      list: Type.Optional(
        Type.Array(Type.Object({ id: Type.Integer({ minimum: 1 }) }, { additionalProperties: false })),
      ),
    },
    { additionalProperties: false },
  ),
);

test.each([
  [{}, 'name', 'name: is required'],
  [{ name: 1 }, 'name', 'name: must be string'],
  [{ name: 'x', nmae: 'y' }, 'nmae', 'nmae: there is no such field'],
  [{ name: 'x', role: 'king' }, 'role', 'role: expected one of viewer, ml_engineer'],
  [{ name: 'x', expires: 'soon' }, 'expires', 'expires: expected "never"'],
  [{ name: 'x', list: [{ id: 1 }, { id: 0 }] }, 'list.1.id', 'list.1.id: must be >= 1'],
  [{ name: 'x', list: [{ id: 1, more: 2 }] }, 'list.0.more', 'list.0.more: there is no such field'],
  [{ name: 'x', owner: 'Ada' }, 'owner', 'owner: is no id: expected a UUID in lower case'],
  [{ name: 'x', mail: 'ada@' }, 'mail', 'mail: is no e-mail address'],
  [{ name: 'x', slug: 'A b' }, 'slug', 'slug: expected lower-case letters, digits and inner hyphens'],
  [{ name: 'x', code: 'a' }, 'code', 'code: must match pattern "^[A-Z]+$"'],
  [[], undefined, 'The input must be object'],
])('of %j the field %s is named, and what was expected there', (input, field, message) => {
  const refused = faultOf(validator.Errors(input)[0]);
  expect([refused.field, refused.message]).toEqual([field, message]);
});
