import { MaestroError } from '@maestro/sdk/problem';
import { Alert, Anchor, Button, Center, Loader, Stack, Text, Title } from '@mantine/core';
import { type ErrorComponentProps, useRouter } from '@tanstack/react-router';
import { TriangleAlert } from 'lucide-react';
import { saidWhole } from '../api/said.ts';
import { text } from './text.ts';

export const Loading = () => (
  <Center mih="12rem" role="status" aria-label={text.loading}>
    <Loader />
  </Center>
);

export const NotFound = () => (
  <Stack align="center" py="xl">
    <Title order={1} size="h3">
      {text.notFound}
    </Title>
    <Anchor href="/">{text.goHome}</Anchor>
  </Stack>
);

/** How browsers, and what loads the styles of a page, say that code did not come: there is no code of it. */
const isOfLoading = ({ message }: Error): boolean =>
  /dynamically imported module|module script failed|unable to preload/i.test(message);

/** What is said where asking the server failed; a refusal says why in its own words. */
export function Problem({ error, onRetry }: { readonly error: Error; readonly onRetry?: () => void }) {
  const requestId = error instanceof MaestroError ? error.requestId : '';
  // What was typed, or stands in the address: nothing went wrong but that.
  const isInvalid = error instanceof MaestroError && error.status === 400;
  const isUnloaded = isOfLoading(error);
  const title = isInvalid ? text.notValid : isUnloaded ? text.notLoaded : text.trouble;
  return (
    <Alert color="red" variant="light" icon={<TriangleAlert size={18} />} title={title} role="alert">
      <Stack gap="xs" align="flex-start">
        <Text size="sm">{isUnloaded ? text.whyNotLoaded : saidWhole(error)}</Text>
        {requestId !== '' && (
          <Text size="xs" c="dimmed">
            {text.request(requestId)}
          </Text>
        )}
        {onRetry && (
          <Button size="xs" variant="default" onClick={onRetry}>
            {text.tryAgain}
          </Button>
        )}
      </Stack>
    </Alert>
  );
}

/** In place of a page that could not be shown. */
export function Trouble({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  if (error instanceof MaestroError && error.status === 404) return <NotFound />;
  return (
    <Problem
      error={error instanceof Error ? error : new Error(String(error))}
      onRetry={() => {
        reset();
        router.invalidate();
      }}
    />
  );
}
