import { getRouteApi } from '@tanstack/react-router';
import { useRouteSearch } from '../app/use_page_search.ts';
import { FileBrowser } from '../files/file_browser.tsx';
import { anew } from '../files/search.ts';
import type { Run } from './queries.ts';

const route = getRouteApi('/signed-in/t/$tenant/runs/$runId');

/** The files of a run; which one is looked at is in the address. */
export function RunFiles({ run }: { readonly run: Run }) {
  const [{ path = '' }, change] = useRouteSearch(route);
  return (
    <FileBrowser
      source={{ kind: 'run', id: run.run_id }}
      path={path}
      onOpen={(next) => change({ ...anew, path: next || undefined })}
    />
  );
}
