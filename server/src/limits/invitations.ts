import { MaestroError } from '../errors.ts';
import type { Limiters } from '../ports/limiters.ts';

const windowSeconds = 3_600;

/** Bounds the mails that a tenant has sent to people who are none of its members. */
export interface InvitationLimit {
  /** Counts an invitation. Throws `limit_exceeded` where the tenant has made all that it may in this hour. */
  admit(tenantId: string): Promise<void>;
}

export function openInvitationLimit(limiters: Limiters, perHour: number): InvitationLimit {
  const made = limiters.open({ name: 'invitations', seconds: windowSeconds });
  return {
    async admit(tenantId) {
      const { count, leftMs } = await made.add(tenantId);
      if (count <= perHour) return;
      const resetSeconds = Math.max(1, Math.ceil(leftMs / 1000));
      throw new MaestroError(
        'limit_exceeded',
        `The tenant may send ${perHour} invitations an hour; try again in ${resetSeconds} s.`,
        {
          retryAfterSeconds: resetSeconds,
          limit: { policy: 'invitations', quota: perHour, windowSeconds, remaining: 0, resetSeconds },
        },
      );
    },
  };
}
