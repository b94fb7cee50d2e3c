import { Button, Modal, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useCallback, useState, useSyncExternalStore } from 'react';
import { meQuery } from '../api/me.ts';
import { queryClient } from '../api/query_client.ts';
import { FormError } from '../app/form_error.tsx';
import { isSamePerson } from './person.ts';
import { ProofSteps } from './proof_steps.tsx';
import { endWait, subscribeToSignIn, tellOtherTabs, wantedNow } from './session.ts';
import { SignInSteps } from './sign_in_steps.tsx';
import { text } from './text.ts';

/** Where a window beside this page ends: it says who has signed in, and tells this page. */
const beside = '/account';

/** What is on the page is the same person's, or it begins anew. */
async function goOn(): Promise<void> {
  const now = await queryClient.fetchQuery({ ...meQuery, staleTime: 0 });
  if (now === null) throw new Error(text.notYet);
  if (!isSamePerson(now)) throw new Error(text.anotherPerson);
  endWait(true);
}

/**
 * In front of a page whose session has ended, or of something that takes a fresh proof of who asks: what was asked
 * meanwhile is answered afterwards.
 */
export function SignInAgain() {
  const wanted = useSyncExternalStore(subscribeToSignIn, wantedNow);
  const [isFactor, setFactor] = useState(false);
  const going = useMutation({ mutationFn: goOn });
  const { mutate } = going;
  const done = useCallback(() => {
    tellOtherTabs('signed-in');
    mutate();
  }, [mutate]);
  const lead = wanted === 'proof' ? text.proveLead : text.againLead;
  return (
    <Modal
      opened={wanted !== undefined}
      onClose={() => wanted === 'proof' && endWait(false)}
      onExitTransitionEnd={() => setFactor(false)}
      withCloseButton={false}
      closeOnEscape={wanted === 'proof'}
      closeOnClickOutside={false}
      title={isFactor ? text.factor.title : wanted === 'proof' ? text.prove : text.again}
      zIndex={400}
    >
      <Stack>
        <Text size="sm">{isFactor ? text.factor.lead : lead}</Text>
        {wanted === 'sign-in' && (
          <SignInSteps atProvider={{ returnTo: beside, onElsewhere: mutate }} onFactor={setFactor} onDone={done} />
        )}
        {wanted === 'proof' && (
          <ProofSteps atProvider={{ returnTo: beside, onElsewhere: mutate }} onFactor={setFactor} onDone={done} />
        )}
        {going.error && <FormError error={going.error} />}
        {wanted === 'proof' && (
          <Button variant="default" onClick={() => endWait(false)}>
            {text.cancel}
          </Button>
        )}
      </Stack>
    </Modal>
  );
}
