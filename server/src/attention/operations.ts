import Type from 'typebox';
import { openTo, subjectOf } from '../identity/granted.ts';
import { liveInvitations } from '../identity/invitation_queries.ts';
import { may } from '../identity/may.ts';
import { id, strict, time } from '../identity/schemas.ts';
import { useOf } from '../limits/operations.ts';
import { defineOperation } from '../operation.ts';
import { dayOf } from '../process/periods.ts';
import * as queries from './queries.ts';

const hourMs = 3_600_000;
/** A run that logs nothing for so long may have died. */
const silentMs = hourMs;
/** Of a run that began earlier, somebody knows by now. */
const lookedAtMs = 30 * 24 * hourMs;
const expiryDays = 14;
const nearlyFull = 0.9;
const invitationsMax = 100;

const days = (description: string) => Type.Number({ description });

/** What of a tenant needs somebody: of each kind what the caller may see, and nothing of what they may not. */
export const attention = defineOperation({
  name: 'tenant.get_attention',
  permission: 'in_tenant',
  transaction: 'own',
  input: Type.Object({}, strict),
  output: Type.Object({
    silent_runs: Type.Array(
      Type.Object({
        run_id: Type.String(),
        name: Type.String(),
        last_time: Type.Integer({ description: 'When it last logged a metric, or began: ms since 1970.' }),
      }),
      {
        description:
          'Runs of the last 30 days that go on, and have logged no metric for an hour; nor did a child of theirs in the same experiment, or begin or end. Those of late first.',
      },
    ),
    late_projects: Type.Array(
      Type.Object({
        project_id: id,
        name: Type.String(),
        days: days('From its start until today.'),
        predicted_days: days('The upper end of the interval that was last predicted for it.'),
      }),
      { description: 'Projects that take longer than was predicted at most.' },
    ),
    failed_jobs: Type.Array(
      Type.Object({ what: Type.Enum(['impact', 'model']), failures: Type.Integer({ description: 'In a row.' }) }),
      { description: 'What is learned from projects behind requests, where that failed the last time.' },
    ),
    full_quotas: Type.Array(
      Type.Object({
        quota: Type.Enum(['users', 'projects', 'artifacts', 'storage_bytes']),
        used: Type.Integer(),
        max: Type.Integer(),
      }),
      { description: 'Quotas of which nine tenths or more are used.' },
    ),
    expiring_keys: Type.Array(
      Type.Object({ key_id: id, name: Type.String(), expires_at: time, is_own: Type.Boolean() }),
      { description: `API keys that expire within ${expiryDays} days, and were made for longer.` },
    ),
    open_invitations: Type.Integer({ description: `Into the tenant; ${invitationsMax} at most are counted.` }),
  }),
  async run({ ports, tenant, place, caller, inTenant }) {
    const now = Date.now();
    const subject = subjectOf(caller);
    const ofTenant = await inTenant(async (tx) => {
      // Whether a few experiments or all are looked through decides what the right plan is.
      await tx.sql('SET LOCAL plan_cache_mode = force_custom_plan');
      const asking = { tx, caller, place };
      const runs = await openTo(asking, 'run:read');
      const projects = await openTo(asking, 'project:read');
      const window = { since: now - lookedAtMs, until: now - silentMs };
      const today = dayOf(new Date(now));
      // One's own keys are told to who may list them: a key that may only write runs hears of no other.
      const isTold = subject?.kind === 'user' && may(place, 'tenant:read');
      const owner = { user: isTold ? subject.id : null, isAll: may(place, 'key:read') };
      const keys = await queries.expiringKeys(tx, expiryDays, owner);
      return {
        silent_runs: await queries.silentRuns(tx, window, runs?.experiments),
        late_projects: await queries.lateProjects(tx, today, projects?.projects),
        failed_jobs: may(place, 'project:read') ? await queries.failedJobs(tx) : [],
        expiring_keys: keys.map((key) => ({ ...key, expires_at: key.expires_at.toISOString() })),
      };
    });
    const use = may(place, 'tenant:read') ? await useOf(ports, tenant.id, inTenant) : undefined;
    const quotas = (['users', 'projects', 'artifacts', 'storage_bytes'] as const).flatMap((quota) => {
      const { used = 0, max = null } = use?.[quota] ?? {};
      return max !== null && max > 0 && used >= nearlyFull * max ? [{ quota, used, max }] : [];
    });
    const invitations = may(place, 'member:read')
      ? await ports.db.inIdentity((tx) => liveInvitations(tx, tenant.id, undefined, invitationsMax))
      : [];
    return { ...ofTenant, full_quotas: quotas, open_invitations: invitations.length };
  },
});
