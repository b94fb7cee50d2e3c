import { Modal, Stack, Text } from '@mantine/core';
import { useSyncExternalStore } from 'react';
import { PasswordForm } from './password_form.tsx';
import { endWait, isSignInWaited, subscribeToSignIn } from './session.ts';
import { text } from './text.ts';

/** In front of a page whose session has ended: what was asked meanwhile is answered after signing in. */
export function SignInAgain() {
  const isWaited = useSyncExternalStore(subscribeToSignIn, isSignInWaited);
  return (
    <Modal
      opened={isWaited}
      onClose={() => undefined}
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
      title={text.again}
    >
      <Stack>
        <Text size="sm">{text.againLead}</Text>
        <PasswordForm onDone={endWait} />
      </Stack>
    </Modal>
  );
}
