import Type, { type Static } from 'typebox';
import type { Database } from '../db/tenancy.ts';
import { MaestroError, notFound } from '../errors.ts';
import { memberIfAny } from '../identity/members.ts';
import { atPlace, defaultPageSize, pageFrom, placeOf } from '../identity/paging.ts';
import { id, orNull, pageInput, strict, text, time } from '../identity/schemas.ts';
import { markProject } from '../insight/due.ts';
import { defineOperation } from '../operation.ts';
import { pageOf } from '../paging.ts';
import { holdProject, requireProject } from '../projects/required.ts';
import * as queries from './team_queries.ts';

const name = text(1, 200, { description: 'Who it is, as the team says.' });
const role = text(1, 100, { description: 'Such as data scientist or ML engineer: on the team, not in Maestro.' });
/** Null: not said. */
const details = {
  user_id: orNull(Type.String({ ...id, description: 'Of a member of the tenant, where it is one.' })),
  experience_level: orNull(Type.Enum(['junior', 'mid', 'senior', 'lead'])),
  contribution_hours: orNull(Type.Number({ minimum: 0, maximum: 1_000_000, description: 'Of work on the project.' })),
  performance_score: orNull(Type.Number({ minimum: 0, maximum: 100 })),
};
const optionalDetails = Type.Partial(Type.Object(details)).properties;

const Member = Type.Object({ member_id: id, name, role, ...details, created_at: time, updated_at: time });

const shown = (row: queries.MemberRow): Static<typeof Member> => ({
  ...(row as Omit<Static<typeof Member>, 'created_at' | 'updated_at'>),
  created_at: row.created_at.toISOString(),
  updated_at: row.updated_at.toISOString(),
});

const missingMember = (member: string): MaestroError =>
  notFound(`The project’s team has no member with id '${member}'`);

const onTheTeam = (): MaestroError =>
  new MaestroError('already_exists', 'user_id: this user is on the team already', { field: 'user_id' });

/** Throws `not_found` for the id of somebody who is no member of the tenant. */
async function checkUser(db: Database, tenantId: string, user: string | null | undefined): Promise<void> {
  if (typeof user !== 'string' || (await db.inIdentity((tx) => memberIfAny(tx, tenantId, user)))) return;
  const field = 'user_id';
  throw new MaestroError('not_found', `${field}: this tenant has no member '${user}'`, { field });
}

/** Puts somebody on the team of a project. */
export const addMember = defineOperation({
  name: 'team_member.create',
  permission: 'project:write',
  transaction: 'own',
  input: Type.Object({ project_id: id, name, role, ...optionalDetails }, strict),
  on: ({ project_id }) => ({ project: project_id }),
  output: Member,
  async run({ ports, tenant, inTenant }, { project_id, ...member }) {
    await checkUser(ports.db, tenant.id, member.user_id);
    return inTenant(async (tx) => {
      await holdProject(tx, project_id);
      const unsaid = { user_id: null, experience_level: null, contribution_hours: null, performance_score: null };
      const added = await queries.insertMember(tx, project_id, { ...unsaid, ...member });
      if (!added) throw onTheTeam();
      await markProject(tx, project_id);
      return shown(added);
    });
  },
});

/** The team of a project, by name. */
export const listMembers = defineOperation({
  name: 'team_member.list',
  permission: 'project:read',
  input: Type.Object({ project_id: id, ...pageInput }, strict),
  on: ({ project_id }) => ({ project: project_id }),
  output: pageOf(Member),
  async run({ tx }, { project_id, limit = defaultPageSize, page_token }) {
    await requireProject(tx, project_id);
    const place = placeOf(page_token, 2);
    const rows = await atPlace(place, () => queries.membersAfter(tx, project_id, place, limit + 1));
    return pageFrom(rows, limit, (row) => [row.name, row.member_id], shown);
  },
});

/** Changes what is said of somebody; what is not named stays. */
export const updateMember = defineOperation({
  name: 'team_member.update',
  permission: 'project:write',
  transaction: 'own',
  input: Type.Object(
    { project_id: id, member_id: id, ...Type.Partial(Type.Object({ name, role, ...details })).properties },
    strict,
  ),
  on: ({ project_id }) => ({ project: project_id }),
  output: Member,
  async run({ ports, tenant, inTenant }, { project_id, member_id, ...changes }) {
    await checkUser(ports.db, tenant.id, changes.user_id);
    return inTenant(async (tx) => {
      await requireProject(tx, project_id);
      const before = await queries.lockMember(tx, project_id, member_id);
      if (!before) throw missingMember(member_id);
      const changed = await queries.updateMember(tx, project_id, member_id, { ...before, ...changes });
      if (!changed) throw onTheTeam();
      await markProject(tx, project_id);
      return shown(changed);
    });
  },
});

/** Takes somebody off the team, with all that was said of them. */
export const removeMember = defineOperation({
  name: 'team_member.delete',
  permission: 'project:write',
  audit: true,
  input: Type.Object({ project_id: id, member_id: id }, strict),
  on: ({ project_id }) => ({ project: project_id }),
  output: Type.Null(),
  async run({ tx, audit }, { project_id, member_id }) {
    audit(member_id, { project: project_id });
    await requireProject(tx, project_id);
    if (!(await queries.deleteMember(tx, project_id, member_id))) throw missingMember(member_id);
    await markProject(tx, project_id);
    return null;
  },
});
