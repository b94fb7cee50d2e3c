import { Alert, Button, Group, Stack } from '@mantine/core';
import { useState } from 'react';
import { apiOf } from '../api/api.ts';
import { useChange } from '../api/hooks.ts';
import { EmailField } from '../app/email_field.tsx';
import { FormError } from '../app/form_error.tsx';
import { text as shared } from '../app/text.ts';
import { own } from './queries.ts';
import { text } from './text.ts';

const { profile: words } = text;

/** Asks for another address: it takes a link that is opened there. */
export function EmailForm({ onClose }: { readonly onClose: () => void }) {
  const [email, setEmail] = useState('');
  const asking = useChange((address: string) => apiOf('').POST('/me/email', { body: { email: address } }), own.profile);
  if (asking.isSuccess) return <Alert color="green">{words.sent(asking.variables)}</Alert>;
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        asking.mutate(email.trim());
      }}
    >
      <Stack gap="xs" maw={420}>
        <EmailField
          label={words.newEmail}
          description={words.changeLead}
          autoComplete="email"
          autoFocus
          value={email}
          onChange={({ currentTarget }) => setEmail(currentTarget.value)}
        />
        <FormError error={asking.error} />
        <Group gap="xs">
          <Button type="submit" loading={asking.isPending}>
            {words.send}
          </Button>
          <Button variant="default" onClick={onClose}>
            {shared.cancel}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
