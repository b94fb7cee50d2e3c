import { Center, Paper, Stack, Title } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import { PasswordForm } from './password_form.tsx';
import { text } from './text.ts';

const route = getRouteApi('/sign-in');

export function SignInPage() {
  const { to = '/' } = route.useSearch();
  const client = useQueryClient();
  const router = useRouter();
  const enter = () => {
    client.clear();
    router.history.push(to);
  };
  return (
    <Center component="main" mih="100dvh" p="md">
      <Paper withBorder p="xl" w="100%" maw={400}>
        <Stack>
          <Title order={1} size="h3">
            {text.title}
          </Title>
          <PasswordForm onDone={enter} />
        </Stack>
      </Paper>
    </Center>
  );
}
