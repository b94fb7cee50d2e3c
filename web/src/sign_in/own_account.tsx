import { Button, Stack } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { meQuery } from '../api/me.ts';
import { FormError } from '../app/form_error.tsx';
import { ButtonLink } from '../app/links.tsx';
import { Loading } from '../app/states.tsx';
import { OutsidePage } from './outside_page.tsx';
import { tellOtherTabs } from './session.ts';
import { factorLead } from './sign_in_page.tsx';
import { SignInSteps } from './sign_in_steps.tsx';
import { signOut } from './sign_out.ts';
import { text } from './text.ts';
import { ToSignIn } from './to_sign_in.tsx';

const { account } = text;

/** Who is signed in here; whoever is not, signs in. `tenant` is the one to work in; the one joined first without it. */
export function OwnAccount({ lead, tenant }: { readonly lead: string; readonly tenant?: string | undefined }) {
  const { data: me, error, refetch } = useQuery({ ...meQuery, staleTime: 0 });
  const [isFactor, setFactor] = useState(false);
  const leaving = useMutation({ mutationFn: signOut });
  if (leaving.isSuccess) {
    return (
      <OutsidePage title={account.signedOut} lead={account.signedOutLead}>
        <ToSignIn />
      </OutsidePage>
    );
  }
  if (error) {
    return (
      <OutsidePage title={account.title}>
        <FormError error={error} />
      </OutsidePage>
    );
  }
  if (me === undefined) return <Loading />;
  if (me === null) {
    const returnTo = `/account#sign-in${tenant === undefined ? '' : `=${tenant}`}`;
    return (
      <OutsidePage title={isFactor ? text.factor.title : text.signIn} lead={isFactor ? factorLead : lead}>
        <SignInSteps
          atProvider={{ returnTo, tenant }}
          onFactor={setFactor}
          onDone={() => {
            setFactor(false);
            tellOtherTabs('signed-in');
            void refetch();
          }}
        />
      </OutsidePage>
    );
  }
  return (
    <OutsidePage title={account.signedIn} lead={account.as(me.name)}>
      <Stack gap="sm">
        <ButtonLink to="/">{account.enter}</ButtonLink>
        <Button variant="default" loading={leaving.isPending} onClick={() => leaving.mutate()}>
          {account.signOut}
        </Button>
        <FormError error={leaving.error} />
      </Stack>
    </OutsidePage>
  );
}
