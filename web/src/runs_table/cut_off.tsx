import { Alert, Button, Group, Text } from '@mantine/core';
import { CloudOff } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { passes } from '../api/query_client.ts';
import { moment } from '../app/formats.ts';
import { text } from './text.ts';

/** What is known of something that is asked of Maestro again and again. */
export interface Asked {
  readonly error: Error | null;
  readonly errorUpdatedAt: number;
  readonly dataUpdatedAt: number;
}

/** When the last answer came, where what was asked since came to none; undefined while answers come. */
export function useCutOff(asked: readonly Asked[]): number | undefined {
  const known = useRef({ heard: Date.now(), failed: 0 });
  // A search that is asked again forgets its fault until it is told anew: what was known stays until an answer comes.
  for (const { error, errorUpdatedAt, dataUpdatedAt } of asked) {
    const { heard, failed } = known.current;
    known.current = {
      heard: Math.max(heard, dataUpdatedAt),
      failed: error !== null && passes(error) ? Math.max(failed, errorUpdatedAt) : failed,
    };
  }
  return known.current.failed > known.current.heard ? known.current.heard : undefined;
}

/** Does something once answers come again. */
export function useOnceBack(since: number | undefined, act: () => void): void {
  const wasAway = useRef(false);
  useEffect(() => {
    if (wasAway.current && since === undefined) act();
    wasAway.current = since !== undefined;
  });
}

/** Says that what is shown is of before, and stays so. */
export const CutOff = ({ since, onRetry }: { readonly since: number; readonly onRetry: () => void }) => (
  <Alert color="yellow" variant="light" p="xs" icon={<CloudOff size={18} aria-hidden />} role="alert">
    <Group gap="xs">
      <Text size="sm">{text.live.cutOff(moment(since))}</Text>
      <Button size="compact-xs" variant="default" onClick={onRetry}>
        {text.again}
      </Button>
    </Group>
  </Alert>
);
