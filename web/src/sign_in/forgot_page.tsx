import { Button, Stack } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { apiOf } from '../api/api.ts';
import { EmailField } from '../app/email_field.tsx';
import { FormError } from '../app/form_error.tsx';
import { AnchorLink } from '../app/links.tsx';
import { OutsidePage } from './outside_page.tsx';
import { text } from './text.ts';

const { forgotten } = text;

/** Asks for a link to set a new password. What is answered tells nobody whether there is such an account. */
export function ForgotPage() {
  const [email, setEmail] = useState('');
  const asking = useMutation({
    mutationFn: (address: string) => apiOf('').POST('/auth/request-password-reset', { body: { email: address } }),
  });
  const back = <AnchorLink to="/sign-in">{forgotten.back}</AnchorLink>;
  if (asking.isSuccess) {
    return (
      <OutsidePage title={forgotten.sentTitle} lead={forgotten.sent(asking.variables)}>
        {back}
      </OutsidePage>
    );
  }
  return (
    <OutsidePage title={forgotten.title} lead={forgotten.lead}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          asking.mutate(email.trim());
        }}
      >
        <Stack gap="sm">
          <EmailField
            label={text.email}
            autoComplete="username"
            autoFocus
            value={email}
            onChange={({ currentTarget }) => setEmail(currentTarget.value)}
          />
          <FormError error={asking.error} />
          <Button type="submit" loading={asking.isPending}>
            {forgotten.send}
          </Button>
        </Stack>
      </form>
      {back}
    </OutsidePage>
  );
}
