import { Divider, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiOf } from '../api/api.ts';
import { profileQuery } from '../api/me.ts';
import { Loading } from '../app/states.tsx';
import { FactorForm } from './factor_form.tsx';
import { PasskeyButton } from './passkey_button.tsx';
import { PasswordForm } from './password_form.tsx';
import { type AtProvider, ProviderButtons } from './provider_buttons.tsx';
import type { OnFactor } from './sign_in_steps.tsx';
import { text } from './text.ts';
import type { SecondFactor } from './types.ts';

/**
 * Proves anew who is signed in: by password and second factor in the same session, or by signing in anew in another way.
 * The password comes along with the second factor, as the API wants it, and is forgotten with this page.
 */
export function ProofSteps({
  atProvider,
  onFactor,
  onDone,
}: {
  readonly atProvider: AtProvider;
  readonly onFactor: OnFactor;
  readonly onDone: () => void;
}) {
  const { data: profile } = useQuery(profileQuery);
  const [asked, setAsked] = useState<{ readonly factor: SecondFactor; readonly password: string }>();
  if (profile === undefined) return <Loading />;
  if (asked) {
    return (
      <FactorForm
        asked={asked.factor}
        onAgain={() => {
          setAsked(undefined);
          onFactor(false);
        }}
        send={async (answer) => {
          await apiOf('').POST('/auth/reauthenticate', { body: { password: asked.password, ...answer } });
          onDone();
        }}
      />
    );
  }
  return (
    <Stack gap="md">
      {profile.has_password ? (
        <PasswordForm
          email={profile.email}
          button={text.goOn}
          send={async ({ password }) => {
            const { data } = await apiOf('').POST('/auth/reauthenticate', { body: { password } });
            if (!('second_factor' in data)) return onDone();
            setAsked({ factor: data.second_factor, password });
            onFactor(true);
          }}
        />
      ) : (
        <Text size="sm">{text.proveWithout}</Text>
      )}
      <Divider label={text.or} />
      <PasskeyButton onDone={onDone} />
      <ProviderButtons {...atProvider} />
    </Stack>
  );
}
