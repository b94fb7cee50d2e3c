import { Divider, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { apiOf } from '../api/api.ts';
import { AnchorLink } from '../app/links.tsx';
import { FactorForm } from './factor_form.tsx';
import { PasskeyButton } from './passkey_button.tsx';
import { PasswordForm } from './password_form.tsx';
import { type AtProvider, ProviderButtons } from './provider_buttons.tsx';
import { text } from './text.ts';
import type { SecondFactor } from './types.ts';

/** Whether the second factor is asked for now: the frame around says another title then. */
export type OnFactor = (isAsked: boolean) => void;

/** Every way to sign in: a password, a passkey, identity providers; and the second factor after the first of them. */
export function SignInSteps({
  atProvider,
  onFactor,
  onDone,
}: {
  readonly atProvider: AtProvider;
  readonly onFactor?: OnFactor;
  readonly onDone: () => void;
}) {
  const { tenant } = atProvider;
  const [asked, setAsked] = useState<SecondFactor>();
  const ask = (factor: SecondFactor | undefined) => {
    setAsked(factor);
    onFactor?.(factor !== undefined);
  };
  if (asked) {
    return (
      <FactorForm
        asked={asked}
        onAgain={() => ask(undefined)}
        send={async (answer) => {
          await apiOf('').POST('/auth/second-factor', { body: { ...answer, cookie: true } });
          onDone();
        }}
      />
    );
  }
  return (
    <Stack gap="md">
      <PasswordForm
        button={text.signIn}
        send={async (given) => {
          const body = { ...given, cookie: true, ...(tenant === undefined ? {} : { tenant }) };
          const { data } = await apiOf('').POST('/auth/login', { body });
          if ('second_factor' in data) ask(data.second_factor);
          else onDone();
        }}
      />
      <Text size="sm" ta="center">
        <AnchorLink to="/forgot-password">{text.forgot}</AnchorLink>
      </Text>
      <Divider label={text.or} />
      <PasskeyButton tenant={tenant} onDone={onDone} />
      <ProviderButtons {...atProvider} />
    </Stack>
  );
}
