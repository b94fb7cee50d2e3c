import Type, { type Static } from 'typebox';
import { defineOperation } from '../operation.ts';
import type { Caller, Place, SessionCaller } from './caller.ts';
import { id, slug, strict, time } from './schemas.ts';

const membership = Type.Object({ tenant: Type.Object({ id, slug }), role: Type.String() });

const shownPlace = ({ tenant, role }: Place): Static<typeof membership> => ({ tenant, role });

const stay = Type.Object({ tenant: slug, role: Type.String(), reason: Type.String(), expires_at: time });

type Me = Static<typeof meOutput>;
const meOutput = Type.Object({
  kind: Type.Union([Type.Literal('user'), Type.Literal('service_account'), Type.Literal('operator_key')]),
  id: Type.String({ description: 'Of the user or service account.' }),
  name: Type.String({ description: 'The e-mail address, or the service account’s name.' }),
  is_operator: Type.Boolean(),
  tenant: Type.Union([membership, Type.Null()], { description: 'Where calls land that name no tenant.' }),
  memberships: Type.Array(membership),
  switch: Type.Union([stay, Type.Null()], { description: 'The tenant that this session of an operator is in.' }),
});

const shownStay = ({ stay: now }: SessionCaller): Me['switch'] =>
  now === undefined
    ? null
    : { tenant: now.tenant, role: now.role, reason: now.reason, expires_at: new Date(now.until).toISOString() };

function describe(caller: Caller): Me {
  switch (caller.kind) {
    case 'api_key': {
      const place = shownPlace(caller.place);
      const { kind, id: ownerId, name } = caller.owner;
      return { kind, id: ownerId, name, is_operator: false, tenant: place, memberships: [place], switch: null };
    }
    case 'session': {
      const place = caller.places.find(({ tenant }) => tenant.id === caller.tenantId);
      return {
        kind: 'user',
        id: caller.userId,
        name: caller.email,
        is_operator: caller.isOperator,
        tenant: place ? shownPlace(place) : null,
        memberships: caller.places.map(shownPlace),
        switch: shownStay(caller),
      };
    }
    case 'operator_key':
    case 'anonymous':
      return { kind: 'operator_key', id: '', name: '', is_operator: true, tenant: null, memberships: [], switch: null };
  }
}

/** Who the caller is. */
export const me = defineOperation({
  name: 'auth.me',
  permission: 'signed_in',
  transaction: 'administration',
  input: Type.Object({}, strict),
  output: meOutput,
  run: async ({ caller }) => describe(caller),
});
