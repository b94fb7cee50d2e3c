import type { paths } from '@maestro/sdk/contract';
import { Badge, Button, Group, Stack, Text } from '@mantine/core';
import { KeyRound, type LucideIcon, Smartphone } from 'lucide-react';
import { useState } from 'react';
import { apiOf } from '../api/api.ts';
import { useAction } from '../api/hooks.ts';
import { tellDone } from '../app/changes.tsx';
import { SecretOnce } from '../app/secret_once.tsx';
import { Section } from '../app/section.tsx';
import { makeKey } from '../sign_in/passkey.ts';
import { AddTotp } from './add_totp.tsx';
import { FactorRow } from './factor_row.tsx';
import { own } from './queries.ts';
import { text } from './text.ts';

const { security: words } = text;

export type Factor = paths['/me/factors']['get']['responses'][200]['content']['application/json']['factors'][number];
type NewCredential = NonNullable<
  paths['/me/factors/webauthn']['post']['requestBody']
>['content']['application/json']['credential'];

export const iconOf: Readonly<Record<Factor['kind'], LucideIcon>> = { totp: Smartphone, webauthn: KeyRound };

/** Makes a key of an authenticator known; gives the backup codes where it is the first factor. */
async function addKey(): Promise<readonly string[]> {
  const { data: asked } = await apiOf('').POST('/me/factors/webauthn/options');
  const credential = await makeKey(asked.public_key);
  if (credential === undefined) throw new Error(words.keyRefused);
  const { data } = await apiOf('').POST('/me/factors/webauthn', {
    body: { challenge: asked.challenge, credential: credential as NewCredential },
  });
  return data.backup_codes ?? [];
}

export function Factors({
  factors,
  required_by: requiredBy,
}: {
  readonly factors: readonly Factor[];
  readonly required_by: readonly string[];
}) {
  const [isAddingTotp, setAddingTotp] = useState(false);
  const [codes, setCodes] = useState<readonly string[]>([]);
  const done = (given: readonly string[]) => {
    setAddingTotp(false);
    setCodes(given);
    tellDone(words.added);
  };
  const adding = useAction(addKey, own.factors);
  return (
    <Section
      title={words.factors}
      lead={
        <>
          {words.factorsLead}{' '}
          {requiredBy.length > 0 && (
            <Badge variant="light" color="yellow" tt="none">
              {words.requiredBy(requiredBy)}
            </Badge>
          )}
        </>
      }
    >
      {factors.length === 0 ? (
        <Text size="sm">{words.noFactors}</Text>
      ) : (
        <Stack gap="xs" component="ul" p={0} m={0}>
          {factors.map((factor) => (
            <FactorRow key={factor.id} factor={factor} />
          ))}
        </Stack>
      )}
      {codes.length > 0 && <SecretOnce title={words.yourCodes} value={codes.join('\n')} fileName={words.codesFile} />}
      {isAddingTotp ? (
        <AddTotp onDone={done} onClose={() => setAddingTotp(false)} />
      ) : (
        <Group gap="xs">
          {!factors.some(({ kind }) => kind === 'totp') && (
            <Button
              variant="default"
              leftSection={<Smartphone size={16} aria-hidden />}
              onClick={() => setAddingTotp(true)}
            >
              {words.addTotp}
            </Button>
          )}
          <Button
            variant="default"
            leftSection={<KeyRound size={16} aria-hidden />}
            loading={adding.isPending}
            onClick={() => adding.mutate(undefined, { onSuccess: done })}
          >
            {words.addKey}
          </Button>
        </Group>
      )}
    </Section>
  );
}
