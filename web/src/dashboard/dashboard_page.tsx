import { SimpleGrid, Stack } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useTenant } from '../api/hooks.ts';
import { PageHead } from '../app/page_head.tsx';
import { Loading, Problem } from '../app/states.tsx';
import { Attention } from './attention.tsx';
import { FirstRun } from './first_run.tsx';
import { type Lately, useLately } from './queries.ts';
import { RunList } from './run_list.tsx';
import { text } from './text.ts';

/** What is running in a tenant, what finished, and what needs somebody; how to begin, where nothing has run yet. */
export function DashboardPage() {
  const { data: lately, error, refetch } = useLately();
  useArrival(lately);
  return (
    <Stack>
      <PageHead title={text.title} />
      {error && <Problem error={error} onRetry={() => void refetch()} />}
      {lately === undefined && !error && <Loading />}
      {lately === null && <FirstRun />}
      {lately && (
        <SimpleGrid cols={{ base: 1, md: 3 }}>
          <RunList title={text.running} none={text.noneRunning} runs={lately.running} />
          <RunList title={text.finished} none={text.noneFinished} runs={lately.finished} />
          <Stack>
            <Attention />
            <RunList title={text.failed} none={text.noneFailed} runs={lately.failed} />
          </Stack>
        </SimpleGrid>
      )}
    </Stack>
  );
}

/** Whoever waits for the first run is led to it when it arrives. */
function useArrival(lately: Lately | null | undefined): void {
  const navigate = useNavigate();
  const tenant = useTenant();
  const wasEmpty = useRef(false);
  useEffect(() => {
    if (lately === null) wasEmpty.current = true;
    const first = lately && [...lately.running, ...lately.finished, ...lately.failed][0];
    if (!first || !wasEmpty.current) return;
    void navigate({ to: '/t/$tenant/runs/$runId', params: { tenant, runId: first.run_id } });
  }, [lately, navigate, tenant]);
}
