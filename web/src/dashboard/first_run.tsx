import { Button, Card, Code, CopyButton, Group, Loader, Stack, Text, Title } from '@mantine/core';
import { Problem } from '../app/states.tsx';
import { useNotebookKey } from './queries.ts';
import { text } from './text.ts';

/** As a new user types it: the address and a key, and three lines that log. */
const script = (key: string): string => `import os, mlflow
os.environ.update(MLFLOW_TRACKING_URI="${location.origin}", MLFLOW_TRACKING_TOKEN="${key}")

with mlflow.start_run():
    mlflow.log_param("model", "baseline")
    mlflow.log_metric("accuracy", 0.93)
`;

/** In place of a tenant that is empty: how the first run gets here. */
export function FirstRun() {
  const makeKey = useNotebookKey();
  const code = script(makeKey.data ?? text.placeholder);
  return (
    <Card withBorder maw={820}>
      <Stack>
        <Title order={2} size="h4">
          {text.firstTitle}
        </Title>
        <Text>{text.first}</Text>
        <Code block tabIndex={0}>
          {code}
        </Code>
        {makeKey.error && <Problem error={makeKey.error} isOfSending />}
        {makeKey.data !== undefined && <Text size="sm">{text.keyShown}</Text>}
        <Group>
          {makeKey.data === undefined && (
            <Button loading={makeKey.isPending} onClick={() => makeKey.mutate(text.keyName)}>
              {text.makeKey}
            </Button>
          )}
          <CopyButton value={code}>
            {({ copied, copy }) => (
              <Button variant="default" onClick={copy}>
                {copied ? text.copied : text.copy}
              </Button>
            )}
          </CopyButton>
          <Loader size="xs" aria-hidden />
          <Text size="sm" c="dimmed" aria-live="polite">
            {text.waiting}
          </Text>
        </Group>
      </Stack>
    </Card>
  );
}
