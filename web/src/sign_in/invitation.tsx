import { Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiOf } from '../api/api.ts';
import { said } from '../api/said.ts';
import { FormError } from '../app/form_error.tsx';
import { Loading } from '../app/states.tsx';
import { NewPassword } from './new_password.tsx';
import { OutsidePage } from './outside_page.tsx';
import { text } from './text.ts';
import { ToSignIn } from './to_sign_in.tsx';

const { invitation } = text;

/** Accepts an invitation. Whoever is signed in here is another matter: nothing of it is sent along. */
export function Invitation({ token }: { readonly token: string }) {
  const { data, error } = useQuery({
    queryKey: ['invitation'],
    queryFn: async () => (await apiOf('').POST('/auth/read-invitation', { body: { token }, credentials: 'omit' })).data,
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const joining = useMutation({
    mutationFn: async (isKnown: boolean) => {
      const own = isKnown || name.trim() === '' ? {} : { name: name.trim() };
      await apiOf('').POST('/auth/accept-invitation', { body: { token, password, ...own }, credentials: 'omit' });
    },
    onSuccess: () => setPassword(''),
  });
  if (error) return <OutsidePage title={invitation.invalid} lead={said(error)} />;
  if (data === undefined) return <Loading />;
  const { email, tenant, role, has_account: isKnown } = data;
  const where = invitation.where(tenant);
  if (joining.isSuccess) {
    return (
      <OutsidePage title={invitation.welcome} lead={invitation.joined(where, email)}>
        <ToSignIn />
      </OutsidePage>
    );
  }
  return (
    <OutsidePage title={invitation.join(where)} lead={isKnown ? invitation.known(email) : invitation.unknown(email)}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          joining.mutate(isKnown);
        }}
      >
        <Stack gap="sm">
          {role !== null && <Text size="sm">{invitation.role(role)}</Text>}
          {/* For managers of passwords: whose it is. */}
          <input type="hidden" autoComplete="username" value={email} readOnly />
          {isKnown ? (
            <PasswordInput
              label={invitation.yourPassword}
              autoComplete="current-password"
              maxLength={1024}
              required
              autoFocus
              value={password}
              onChange={({ currentTarget }) => setPassword(currentTarget.value)}
              visibilityToggleButtonProps={{ 'aria-label': text.showPassword, tabIndex: 0 }}
            />
          ) : (
            <>
              <TextInput
                label={`${invitation.name} (${invitation.optional})`}
                autoComplete="name"
                maxLength={200}
                autoFocus
                value={name}
                onChange={({ currentTarget }) => setName(currentTarget.value)}
              />
              <NewPassword
                value={password}
                onChange={setPassword}
                owner={{ email, ...(tenant === null ? {} : { tenant }) }}
              />
            </>
          )}
          <FormError error={joining.error} />
          <Button type="submit" loading={joining.isPending}>
            {isKnown ? invitation.accept : invitation.make}
          </Button>
        </Stack>
      </form>
    </OutsidePage>
  );
}
