import { Alert, Button, PasswordInput, Stack } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { isRefused } from '../api/said.ts';
import { EmailField } from '../app/email_field.tsx';
import { FormError } from '../app/form_error.tsx';
import { text } from './text.ts';

interface Given {
  readonly email: string;
  readonly password: string;
}

/** Asks for an address and its password; whose they must be stands in `email`, where that is known. */
export function PasswordForm({
  email: known,
  button,
  send,
}: {
  readonly email?: string | undefined;
  readonly button: string;
  readonly send: (given: Given) => Promise<void>;
}) {
  const form = useForm({ mode: 'uncontrolled', initialValues: { email: known ?? '', password: '' } });
  const sending = useMutation({ mutationFn: send });
  return (
    <form
      onSubmit={form.onSubmit(({ email, password }) => sending.mutate({ email: email.trim(), password }))}
      noValidate
    >
      <Stack gap="sm">
        <EmailField
          key={form.key('email')}
          {...form.getInputProps('email')}
          label={text.email}
          autoComplete="username"
          readOnly={known !== undefined}
          autoFocus={known === undefined}
          data-autofocus={known === undefined || undefined}
        />
        <PasswordInput
          key={form.key('password')}
          {...form.getInputProps('password')}
          label={text.password}
          autoComplete="current-password"
          maxLength={1024}
          required
          autoFocus={known !== undefined}
          data-autofocus={known !== undefined || undefined}
          visibilityToggleButtonProps={{ 'aria-label': text.showPassword, tabIndex: 0 }}
        />
        {isRefused(sending.error, 'captcha_required') ? (
          <Alert color="yellow" role="alert">
            {text.captcha}
          </Alert>
        ) : (
          <FormError error={sending.error} />
        )}
        <Button type="submit" loading={sending.isPending}>
          {button}
        </Button>
      </Stack>
    </form>
  );
}
