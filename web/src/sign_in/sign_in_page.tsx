import { useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import { useState } from 'react';
import { OutsidePage } from './outside_page.tsx';
import { returnPathOf } from './return_path.ts';
import { tellOtherTabs } from './session.ts';
import { SignInSteps } from './sign_in_steps.tsx';
import { text } from './text.ts';

const route = getRouteApi('/sign-in');

export const factorLead = `${text.factor.afterPassword} ${text.factor.lead}`;

export function SignInPage() {
  const { to = '/', tenant } = route.useSearch();
  const [isFactor, setFactor] = useState(false);
  const client = useQueryClient();
  const router = useRouter();
  const enter = () => {
    client.clear();
    tellOtherTabs('signed-in');
    router.history.push(to);
  };
  return (
    <OutsidePage title={isFactor ? text.factor.title : text.title} lead={isFactor ? factorLead : undefined}>
      <SignInSteps
        atProvider={{ returnTo: returnPathOf(to, location.origin), tenant }}
        onFactor={setFactor}
        onDone={enter}
      />
    </OutsidePage>
  );
}
