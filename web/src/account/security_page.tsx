import { Button, PasswordInput, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiOf } from '../api/api.ts';
import { useChange } from '../api/hooks.ts';
import { profileQuery } from '../api/me.ts';
import { tellDone } from '../app/changes.tsx';
import { FormError } from '../app/form_error.tsx';
import { PageHead } from '../app/page_head.tsx';
import { Section } from '../app/section.tsx';
import { Loading, Problem } from '../app/states.tsx';
import { NewPassword } from '../sign_in/new_password.tsx';
import { text as signIn } from '../sign_in/text.ts';
import { BackupCodes } from './backup_codes.tsx';
import { Factors } from './factors.tsx';
import { Identities } from './identities.tsx';
import { own, useFactors } from './queries.ts';
import { text } from './text.ts';

const { security: words } = text;

function ChangePassword({ email, hasFactor }: { readonly email: string; readonly hasFactor: boolean }) {
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const changing = useChange(
    async () =>
      (await apiOf('').POST('/me/password', { body: { current_password: current, new_password: next } })).data,
    own.sessions,
  );
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        changing.mutate(undefined, {
          onSuccess: ({ sessions_ended: ended }) => {
            setCurrent('');
            setNext('');
            tellDone(words.passwordChanged(ended));
          },
        });
      }}
    >
      <Stack gap="sm" maw={420}>
        <input type="hidden" autoComplete="username" value={email} readOnly />
        <PasswordInput
          label={words.current}
          autoComplete="current-password"
          maxLength={1024}
          required
          value={current}
          onChange={({ currentTarget }) => setCurrent(currentTarget.value)}
          visibilityToggleButtonProps={{ 'aria-label': signIn.showPassword, tabIndex: 0 }}
        />
        <NewPassword value={next} onChange={setNext} owner={{ email, with_factor: hasFactor }} />
        <FormError error={changing.error} />
        <Button
          type="submit"
          variant="default"
          disabled={current === '' || next === ''}
          loading={changing.isPending}
          style={{ alignSelf: 'flex-start' }}
        >
          {words.changePassword}
        </Button>
      </Stack>
    </form>
  );
}

export function SecurityPage() {
  const profile = useQuery(profileQuery);
  const factors = useFactors();
  const error = profile.error ?? factors.error;
  return (
    <Stack maw={860}>
      <PageHead title={words.title} />
      {error && (
        <Problem
          error={error}
          onRetry={() => {
            void profile.refetch();
            void factors.refetch();
          }}
        />
      )}
      {!error && !(profile.data && factors.data) && <Loading />}
      {profile.data && factors.data && (
        <>
          <Factors {...factors.data} />
          {factors.data.factors.length > 0 && <BackupCodes left={factors.data.backup_codes_left} />}
          <Section title={words.password} lead={profile.data.has_password ? words.passwordLead : undefined}>
            {profile.data.has_password ? (
              <ChangePassword email={profile.data.email} hasFactor={factors.data.factors.length > 0} />
            ) : (
              <Text size="sm">{words.noPassword}</Text>
            )}
          </Section>
          <Identities />
        </>
      )}
    </Stack>
  );
}
