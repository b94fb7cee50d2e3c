import type { Api } from './api.ts';
import { Failure } from './failure.ts';
import type { Place } from './place.ts';

const uuid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;

export const isId = (text: string): boolean => uuid.test(text);

function pick<Item>(items: readonly Item[], fits: (item: Item) => boolean, what: string): Item {
  const found = items.find(fits);
  if (!found) throw new Failure(`${what} not found.`);
  return found;
}

const sameText = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

/** The id of a user, of whom the id or the e-mail address is given. For operators. */
export async function userIdOf(api: Api, who: string): Promise<string> {
  if (isId(who)) return who;
  const users = await api.all<{ id: string; email: string }>('/users');
  return pick(users, ({ email }) => sameText(email, who), `User '${who}'`).id;
}

export interface Member {
  user_id: string;
  email: string;
  name: string;
  role: string;
  is_active: boolean;
  joined_at: string;
}

/** A member of a tenant, of whom the id or the e-mail address is given; undefined for nobody. */
export async function memberNamed(place: Place, who: string): Promise<Member | undefined> {
  const members = await place.all<Member>('/members');
  return members.find(({ user_id, email }) => user_id === who || sameText(email, who));
}

export interface Invitation {
  id: string;
  email: string;
  role: string;
  invited_by: string | null;
  created_at: string;
  expires_at: string;
}

/** The id of an open invitation, of which the id or the e-mail address is given. */
export async function invitationNamed(place: Place, who: string): Promise<string> {
  if (isId(who)) return who;
  const open = await place.all<Invitation>('/invitations');
  return pick(open, ({ email }) => sameText(email, who), `Invitation of '${who}'`).id;
}

export interface Account {
  id: string;
  name: string;
  role: string;
  is_active: boolean;
  is_orphaned: boolean;
  created_by: string;
  created_at: string;
}

/** A service account, of which the id or the name is given. */
export async function accountNamed(place: Place, which: string): Promise<Account> {
  if (isId(which)) return place.call('GET', `/service-accounts/${which}`);
  const accounts = await place.all<Account>('/service-accounts');
  return pick(accounts, ({ name }) => name === which, `Service account '${which}'`);
}
