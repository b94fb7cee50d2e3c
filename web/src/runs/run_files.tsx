import { getRouteApi } from '@tanstack/react-router';
import { FileBrowser } from '../files/file_browser.tsx';
import type { Run } from './queries.ts';

const route = getRouteApi('/signed-in/t/$tenant/runs/$runId');

/** The files of a run; which one is looked at is in the address. */
export function RunFiles({ run }: { readonly run: Run }) {
  const { path = '' } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <FileBrowser
      source={{ kind: 'run', id: run.run_id }}
      path={path}
      onOpen={(next) =>
        void navigate({ search: { tab: 'files', ...(next === '' ? {} : { path: next }) }, resetScroll: false })
      }
    />
  );
}
