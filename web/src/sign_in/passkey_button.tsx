import { Button, Stack } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { KeyRound } from 'lucide-react';
import { apiOf } from '../api/api.ts';
import { FormError } from '../app/form_error.tsx';
import { askKey } from './passkey.ts';
import { text } from './text.ts';
import type { Credential } from './types.ts';

/** Signs in with a passkey alone. */
export function PasskeyButton({
  tenant,
  onDone,
}: {
  readonly tenant?: string | undefined;
  readonly onDone: () => void;
}) {
  const signIn = useMutation({
    mutationFn: async () => {
      const { data: asked } = await apiOf('').POST('/auth/passkey/options');
      const credential = await askKey(asked.public_key);
      if (credential === undefined) throw new Error(text.noKey);
      await apiOf('').POST('/auth/passkey', {
        body: {
          challenge: asked.challenge,
          credential: credential as Credential,
          cookie: true,
          ...(tenant === undefined ? {} : { tenant }),
        },
      });
    },
    onSuccess: onDone,
  });
  return (
    <Stack gap={4}>
      <Button
        variant="default"
        leftSection={<KeyRound size={16} aria-hidden />}
        loading={signIn.isPending}
        onClick={() => signIn.mutate()}
      >
        {text.passkey}
      </Button>
      {signIn.error && <FormError error={signIn.error} />}
    </Stack>
  );
}
