import { Button, Code, Group, Stack, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiOf } from '../api/api.ts';
import { useChange } from '../api/hooks.ts';
import { FormError } from '../app/form_error.tsx';
import { Loading, Problem } from '../app/states.tsx';
import { text as shared } from '../app/text.ts';
import { QrCode } from './qr_code.tsx';
import { own } from './queries.ts';
import { text } from './text.ts';

const { security: words } = text;

/** Adds an authenticator app: it gets a secret, and is kept once a code of it has been right. */
export function AddTotp({
  onDone,
  onClose,
}: {
  readonly onDone: (backupCodes: readonly string[]) => void;
  readonly onClose: () => void;
}) {
  const { data, error, refetch } = useQuery({
    queryKey: ['me', 'new-totp'],
    queryFn: async () => (await apiOf('').POST('/me/factors/totp', { body: {} })).data,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
  });
  const [code, setCode] = useState('');
  const confirming = useChange(
    async (given: string) => (await apiOf('').POST('/me/factors/totp/confirm', { body: { code: given } })).data,
    own.factors,
  );
  if (error) return <Problem error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <Loading />;
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        confirming.mutate(code.replace(/\s/g, ''), { onSuccess: ({ backup_codes: codes = [] }) => onDone(codes) });
      }}
    >
      <Group align="flex-start" gap="lg">
        <QrCode content={data.uri} label={words.qr} />
        <Stack gap="sm" flex={1} miw={220}>
          <Text size="sm">{words.scan}</Text>
          <div>
            <Text size="sm" fw={500}>
              {words.secret}
            </Text>
            <Code style={{ overflowWrap: 'anywhere' }}>{data.secret}</Code>
          </div>
          <TextInput
            label={words.code}
            inputMode="numeric"
            autoComplete="one-time-code"
            maxLength={10}
            required
            autoFocus
            value={code}
            onChange={({ currentTarget }) => setCode(currentTarget.value)}
            maw={220}
          />
          <FormError error={confirming.error} />
          <Group gap="xs">
            <Button type="submit" loading={confirming.isPending}>
              {words.confirm}
            </Button>
            <Button variant="default" onClick={onClose}>
              {shared.cancel}
            </Button>
          </Group>
        </Stack>
      </Group>
    </form>
  );
}
