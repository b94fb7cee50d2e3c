import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useApi, useTenant } from '../api/hooks.ts';
import { type FileSource, folderOf, listFiles, type Range, readFile } from './source.ts';

export const filesKey = (tenant: string, { kind, id }: FileSource) => ['t', tenant, 'files', kind, id] as const;

/** The entries of a folder, page by page. */
export function useFolder(source: FileSource, path: string) {
  const api = useApi();
  return useInfiniteQuery({
    queryKey: [...filesKey(useTenant(), source), 'folder', path],
    queryFn: ({ pageParam, signal }) => listFiles(api, source, path, pageParam, signal),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_page_token,
  });
}

/** What a listing says of one path: undefined where it is not there. Looks through the pages of its folder. */
export function useEntry(source: FileSource, path: string, isWanted = true) {
  const api = useApi();
  return useQuery({
    queryKey: [...filesKey(useTenant(), source), 'entry', path],
    queryFn: async ({ signal }) => {
      for (let token = ''; ; ) {
        const page = await listFiles(api, source, folderOf(path), token, signal);
        const found = page.files.find((file) => file.path === path);
        if (found || page.next_page_token === undefined) return found ?? null;
        token = page.next_page_token;
      }
    },
    enabled: isWanted && path !== '',
  });
}

/** The content of a file; of its first bytes where `max` says how many. */
export function useContent(
  source: FileSource,
  path: string,
  { max, enabled = true }: { max?: number; enabled?: boolean } = {},
) {
  const api = useApi();
  const range: Range | undefined = max === undefined ? undefined : { from: 0, to: max - 1 };
  return useQuery({
    queryKey: [...filesKey(useTenant(), source), 'content', path, max ?? 'all'],
    queryFn: ({ signal }) => readFile(api, source, path, signal, range),
    enabled,
    // The content of large files is not kept for those who have gone elsewhere.
    gcTime: 30_000,
    staleTime: 60_000,
  });
}
