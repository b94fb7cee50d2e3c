import type { Mail } from '../ports/mail.ts';
import type { Purpose } from './one_time_tokens.ts';

/** Nothing in these texts is of anybody's free making: a name or a title could carry a stranger's words and links. */
const textOf = (...paragraphs: string[]): string => `${paragraphs.join('\n\n')}\n`;

/** The token stands in the fragment, which browsers send to no server: it gets into no log and no Referer. */
const linkOf = (publicUrl: string, purpose: Purpose, token: string): string =>
  `${publicUrl}/account#${purpose}=${token}`;

const notYours = 'If you did not expect this mail you need do nothing.';

export const invitationMail = (
  publicUrl: string,
  to: string,
  token: string,
  place: { tenant: string; role: string } | undefined,
): Mail => ({
  to,
  subject: place ? `You are invited to ${place.tenant} on Maestro` : 'Your Maestro account',
  text: textOf(
    place
      ? `You are invited to the tenant ${place.tenant} on Maestro, as ${place.role}.`
      : 'An account was made for you on Maestro.',
    'To accept, open this link within 7 days:',
    linkOf(publicUrl, 'invitation', token),
    notYours,
  ),
});

export const resetMail = (publicUrl: string, to: string, token: string): Mail => ({
  to,
  subject: 'Set a new Maestro password',
  text: textOf(
    'Somebody asked to set a new password for your Maestro account.',
    'If that was you, open this link within 30 minutes:',
    linkOf(publicUrl, 'reset', token),
    'If it was not, you need do nothing: your password stays as it is.',
  ),
});

export const verificationMail = (publicUrl: string, to: string, token: string, oldAddress?: string): Mail => ({
  to,
  subject: 'Confirm your e-mail address for Maestro',
  text: textOf(
    oldAddress === undefined
      ? 'Confirm that this is the address of your Maestro account.'
      : `The Maestro account of ${oldAddress} is to have this address from now on.`,
    'If you asked for this, open this link within 24 hours:',
    linkOf(publicUrl, 'verification', token),
    notYours,
  ),
});

export const passwordChangedMail = (to: string, how: 'changed' | 'reset' | 'set by an operator'): Mail => ({
  to,
  subject: 'Your Maestro password was changed',
  text: textOf(
    `The password of your Maestro account was ${how}. Other sessions were signed out.`,
    'If that was not you, set a new password at once and tell an administrator.',
  ),
});

export const addressChangedMail = (to: string): Mail => ({
  to,
  subject: 'The e-mail address of your Maestro account was changed',
  text: textOf(
    'Your Maestro account has another e-mail address now; mail about it no longer comes here.',
    'If that was not you, tell an administrator at once.',
  ),
});

export const factorsChangedMail = (to: string): Mail => ({
  to,
  subject: 'The second factors of your Maestro account were changed',
  text: textOf(
    'A second factor of your Maestro account was added or removed, or its backup codes were renewed.',
    'If that was not you, set a new password at once and tell an administrator.',
  ),
});

export const identitiesChangedMail = (to: string, provider: string, how: 'added to' | 'removed from'): Mail => ({
  to,
  subject: `Sign-in with ${provider} was ${how} your Maestro account`,
  text: textOf(
    `An account at ${provider} was ${how} those that sign in to your Maestro account.`,
    'If that was not you, remove what you do not know, set a new password and tell an administrator at once.',
  ),
});

export const backupCodeUsedMail = (to: string, left: number): Mail => ({
  to,
  subject: 'A backup code of your Maestro account was used',
  text: textOf(
    `Somebody who has your password signed in with one of your backup codes. ${left} are left.`,
    'If that was not you, set a new password at once and tell an administrator.',
  ),
});
