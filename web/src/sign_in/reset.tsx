import { Button, Stack } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { apiOf } from '../api/api.ts';
import { FormError } from '../app/form_error.tsx';
import { NewPassword } from './new_password.tsx';
import { OutsidePage } from './outside_page.tsx';
import { text } from './text.ts';
import { ToSignIn } from './to_sign_in.tsx';

const { reset } = text;

/** Sets a new password by the token of a mail's link. */
export function Reset({ token }: { readonly token: string }) {
  const [password, setPassword] = useState('');
  const setting = useMutation({
    mutationFn: () => apiOf('').POST('/auth/reset-password', { body: { token, password }, credentials: 'omit' }),
    onSuccess: () => setPassword(''),
  });
  if (setting.isSuccess) {
    return (
      <OutsidePage title={reset.done} lead={reset.doneLead}>
        <ToSignIn />
      </OutsidePage>
    );
  }
  return (
    <OutsidePage title={reset.title} lead={reset.lead}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          setting.mutate();
        }}
      >
        <Stack gap="sm">
          <NewPassword value={password} onChange={setPassword} />
          <FormError error={setting.error} />
          <Button type="submit" loading={setting.isPending}>
            {reset.set}
          </Button>
        </Stack>
      </form>
    </OutsidePage>
  );
}
