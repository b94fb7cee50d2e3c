import { Button, Stack, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { FormError } from '../app/form_error.tsx';
import { askKey } from './passkey.ts';
import { text } from './text.ts';
import type { Credential, FactorAnswer, Method, SecondFactor } from './types.ts';

const firstOf = (methods: readonly Method[]): Method =>
  (['totp', 'webauthn', 'backup_code'] as const).find((method) => methods.includes(method)) ?? 'backup_code';

/** Asks for a second factor, of those that the person has. */
export function FactorForm({
  asked: { challenge, methods, public_key: options },
  send,
  onAgain,
}: {
  readonly asked: SecondFactor;
  readonly send: (answer: FactorAnswer) => Promise<void>;
  readonly onAgain: () => void;
}) {
  const [method, setMethod] = useState(() => firstOf(methods));
  const [code, setCode] = useState('');
  const sending = useMutation({ mutationFn: send });
  const byKey = useMutation({
    mutationFn: async () => {
      const credential = await askKey(options ?? {});
      if (credential === undefined) throw new Error(text.noKey);
      await send({ challenge, method: 'webauthn', credential: credential as Credential });
    },
  });
  const use = (next: Method) => {
    setMethod(next);
    setCode('');
    sending.reset();
    byKey.reset();
  };
  const isTyped = method !== 'webauthn';
  const isPending = sending.isPending || byKey.isPending;
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        byKey.reset();
        if (isTyped) sending.mutate({ challenge, method, code: code.trim() });
      }}
    >
      <Stack gap="sm">
        {isTyped && (
          <TextInput
            key={method}
            label={method === 'totp' ? text.factor.totp : text.factor.backupCode}
            value={code}
            onChange={({ currentTarget }) => setCode(currentTarget.value)}
            autoComplete={method === 'totp' ? 'one-time-code' : 'off'}
            inputMode={method === 'totp' ? 'numeric' : 'text'}
            autoCapitalize="off"
            spellCheck={false}
            maxLength={64}
            required
            autoFocus
            data-autofocus
          />
        )}
        <FormError error={sending.error ?? byKey.error} />
        {isTyped && (
          <Button type="submit" loading={sending.isPending}>
            {text.factor.goOn}
          </Button>
        )}
        {methods.includes('webauthn') && (
          <Button
            variant={isTyped ? 'default' : 'filled'}
            loading={byKey.isPending}
            autoFocus={!isTyped}
            onClick={() => {
              sending.reset();
              byKey.mutate();
            }}
          >
            {text.factor.useKey}
          </Button>
        )}
        {method !== 'totp' && methods.includes('totp') && (
          <Button variant="default" disabled={isPending} onClick={() => use('totp')}>
            {text.factor.useTotp}
          </Button>
        )}
        {method !== 'backup_code' && methods.includes('backup_code') && (
          <Button variant="default" disabled={isPending} onClick={() => use('backup_code')}>
            {text.factor.useBackup}
          </Button>
        )}
        <Button variant="subtle" disabled={isPending} onClick={onAgain}>
          {text.factor.startAgain}
        </Button>
      </Stack>
    </form>
  );
}
