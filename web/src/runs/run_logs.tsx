import { Select, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { ScrollText } from 'lucide-react';
import type { Api } from '../api/api.ts';
import { useApi, useTenant } from '../api/hooks.ts';
import { useLastFetch } from '../api/use_last_fetch.ts';
import { Empty } from '../app/empty.tsx';
import { Loading, Problem } from '../app/states.tsx';
import { useRouteSearch } from '../app/use_page_search.ts';
import { anew } from '../files/search.ts';
import { type FileEntry, listFiles } from '../files/source.ts';
import { TailView } from '../files/tail_view.tsx';
import type { Run } from './queries.ts';
import { text } from './text.ts';

const route = getRouteApi('/signed-in/t/$tenant/runs/$runId');

/** Files below logs/, and those of the root that end in .log. */
async function findLogs(api: Api, runId: string, signal: AbortSignal): Promise<FileEntry[]> {
  const source = { kind: 'run', id: runId } as const;
  const [root, logs] = await Promise.all([
    listFiles(api, source, '', '', signal),
    listFiles(api, source, 'logs', '', signal),
  ]);
  return [...root.files.filter(({ path }) => path.endsWith('.log')), ...logs.files].filter((file) => !file.is_dir);
}

/** The end of a log of the run, which is followed as long as the run goes on. */
export function RunLogs({ run }: { readonly run: Run }) {
  const api = useApi();
  const [search, change] = useRouteSearch(route);
  const isLive = run.status === 'RUNNING';
  const { data, error, refetch } = useQuery({
    queryKey: ['t', useTenant(), 'logs', run.run_id],
    queryFn: ({ signal }) => findLogs(api, run.run_id, signal),
    refetchInterval: isLive ? 3_000 : false,
  });
  useLastFetch(isLive, refetch);
  if (error) return <Problem error={error} onRetry={() => void refetch()} />;
  if (!data) return <Loading />;
  const shown = data.find((file) => file.path === search.path) ?? data[0];
  if (!shown) {
    return (
      <Empty Icon={ScrollText} title={text.tabs.logs}>
        {text.noLogs}
      </Empty>
    );
  }
  return (
    <Stack>
      {data.length > 1 && (
        <Select
          label={text.log}
          maw={420}
          data={data.map((file) => file.path)}
          value={shown.path}
          allowDeselect={false}
          onChange={(next) => change({ ...anew, path: next ?? undefined })}
        />
      )}
      <TailView
        key={shown.path}
        source={{ kind: 'run', id: run.run_id }}
        path={shown.path}
        size={shown.file_size}
        isLive={isLive}
      />
    </Stack>
  );
}
