import { describe, expect, test } from 'vitest';
import { may } from './may.ts';
import { type CustomRoles, permissions, permissionsOf, permissionsOfRole, roles } from './roles.ts';

/** A chain of roles, each inheriting from the one before it, the first from `viewer`. */
const chain = (length: number): CustomRoles =>
  new Map(
    Array.from({ length }, (_, at) => {
      const name = `r${at}`;
      return [name, { name, inherits: [at === 0 ? 'viewer' : `r${at - 1}`], permissions: ['audit:read'] }];
    }),
  );

describe('asking whether a caller may', () => {
  test('costs far less than 0.1 ms, for a role that inherits from 200 others too', () => {
    const place = { permissions: permissionsOfRole('r199', chain(200)) };
    const times = 1_000_000;
    let allowed = 0;
    const start = performance.now();
    for (let at = 0; at < times; at += 1) {
      if (may(place, permissions[at % permissions.length] ?? 'in_tenant')) allowed += 1;
    }
    const msEach = (performance.now() - start) / times;
    expect(allowed).toBeGreaterThan(0);
    expect(msEach).toBeLessThan(0.01);
  });

  test('is answered by the permissions alone, and everybody with a place is in the tenant', () => {
    expect(may({ permissions: new Set() }, 'in_tenant')).toBe(true);
    for (const permission of permissions) {
      expect(may({ permissions: new Set() }, permission)).toBe(false);
      expect(may({ permissions: new Set([permission]) }, permission)).toBe(true);
    }
  });
});

describe('a role', () => {
  test('that every tenant has allows all that weaker ones do', () => {
    for (const [at, role] of roles.entries()) {
      const weaker = roles[at - 1];
      if (weaker) expect([...permissionsOf[weaker]].filter((one) => !permissionsOf[role].has(one))).toEqual([]);
    }
    expect(new Set(permissions)).toEqual(permissionsOf.tenant_admin);
  });

  test('in a circle of roles, which no call can make, is walked once', () => {
    const circle: CustomRoles = new Map([
      ['a', { name: 'a', inherits: ['b'], permissions: ['run:read'] }],
      ['b', { name: 'b', inherits: ['a', 'gone'], permissions: ['run:write'] }],
    ]);
    expect([...permissionsOfRole('a', circle)].sort()).toEqual(['run:read', 'run:write']);
  });

  test('that is not there, or is called like what every object has, allows nothing', () => {
    for (const name of ['gone', 'constructor', '__proto__', 'toString']) {
      expect([...permissionsOfRole(name, new Map())]).toEqual([]);
    }
  });
});
