import { Device } from './device.tsx';
import { opened } from './fragment.ts';
import { Invitation } from './invitation.tsx';
import { OutsidePage } from './outside_page.tsx';
import { OwnAccount } from './own_account.tsx';
import { ProviderFactor } from './provider_factor.tsx';
import { Reset } from './reset.tsx';
import { text } from './text.ts';
import { ToSignIn } from './to_sign_in.tsx';
import { Verification } from './verification.tsx';

const { account, failures } = text;

/** What the links of mails, of programs and of identity providers open, by the fragment that they came with. */
export function LinkPage() {
  const { purpose, given } = opened;
  if (purpose === 'device') return <Device given={given} />;
  if (purpose === 'sign-in') return <OwnAccount lead={account.ownLead} tenant={given} />;
  if (given !== undefined) {
    if (purpose === 'invitation') return <Invitation token={given} />;
    if (purpose === 'reset') return <Reset token={given} />;
    if (purpose === 'verification') return <Verification token={given} />;
    if (purpose === 'second-factor') return <ProviderFactor returnTo={given} />;
    if (purpose === 'sign-in-failed') {
      const sentence = Object.hasOwn(failures, given) ? failures[given] : undefined;
      return <OwnAccount lead={text.failed(sentence ?? text.failedSomehow)} />;
    }
  }
  return (
    <OutsidePage title={account.title} lead={account.lead}>
      <ToSignIn />
    </OutsidePage>
  );
}
