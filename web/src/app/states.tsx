import { Fault } from '@maestro/insight/fault';
import { MaestroError } from '@maestro/sdk/problem';
import { Alert, Anchor, Button, Center, Loader, Stack, Text, Title } from '@mantine/core';
import { type ErrorComponentProps, useRouter } from '@tanstack/react-router';
import { TriangleAlert } from 'lucide-react';
import { said, saidWhole } from '../api/said.ts';
import { WindowTitle } from './page_head.tsx';
import { isMissing } from './refusals.ts';
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

/** The same where no frame is around it: at an address that is none of the interface's. */
export const MissingPage = () => (
  <main>
    <WindowTitle title={text.notThere} />
    <NotFound />
  </main>
);

/** How browsers, and what loads the styles of a page, say that code did not come: there is no code of it. */
const isOfLoading = ({ message }: Error): boolean =>
  /dynamically imported module|module script failed|unable to preload/i.test(message);

interface ProblemProps {
  readonly error: Error;
  readonly onRetry?: () => void;
  /** That something was sent, and not asked for: what was wrong with it is told beside it. */
  readonly isOfSending?: boolean;
}

const isInvalid = (error: Error): boolean =>
  error instanceof Fault || (error instanceof MaestroError && error.status === 400);

/** What happened, and why, in words. */
function inWords(error: Error, isOfSending: boolean): readonly [title: string, why: string] {
  if (isOfLoading(error)) return [text.notLoaded, text.whyNotLoaded];
  // What was typed, or stands in the address: nothing went wrong but that.
  if (isOfSending) return [isInvalid(error) ? text.notTaken : text.trouble, said(error)];
  if (isMissing(error)) return [text.notThere, isInvalid(error) ? text.noId : said(error)];
  return [isInvalid(error) ? text.notValid : text.trouble, saidWhole(error)];
}

/** What is said where asking the server failed; a refusal says why in its own words. */
export function Problem({ error, onRetry, isOfSending = false }: ProblemProps) {
  const requestId = error instanceof MaestroError ? error.requestId : '';
  const [title, why] = inWords(error, isOfSending);
  return (
    <Alert color="red" variant="light" icon={<TriangleAlert size={18} />} title={title} role="alert">
      <Stack gap="xs" align="flex-start">
        <Text size="sm">{why}</Text>
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
  if (isMissing(error)) return <NotFound />;
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
