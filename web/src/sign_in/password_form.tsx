import { Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { apiOf } from '../api/api.ts';
import { text } from './text.ts';

/** Signs in with a password; the session is in a cookie that no script can read. */
export function PasswordForm({ onDone }: { readonly onDone: () => void }) {
  const form = useForm({ mode: 'uncontrolled', initialValues: { email: '', password: '' } });
  const signIn = useMutation({
    mutationFn: (body: { email: string; password: string }) =>
      apiOf('').POST('/auth/login', { body: { ...body, cookie: true } }),
    onSuccess: onDone,
  });
  return (
    <form onSubmit={form.onSubmit(({ email, password }) => signIn.mutate({ email: email.trim(), password }))}>
      <Stack gap="sm">
        <TextInput
          key={form.key('email')}
          {...form.getInputProps('email')}
          label={text.email}
          type="email"
          autoComplete="username"
          required
          data-autofocus
        />
        <PasswordInput
          key={form.key('password')}
          {...form.getInputProps('password')}
          label={text.password}
          autoComplete="current-password"
          required
        />
        <Text size="sm" c="error" role="alert" mih="1.4em">
          {signIn.error?.message}
        </Text>
        <Button type="submit" loading={signIn.isPending}>
          {text.signIn}
        </Button>
      </Stack>
    </form>
  );
}
