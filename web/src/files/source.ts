import type { Api } from '../api/api.ts';

/** Whose files: a run's, or a logged model's. */
export interface FileSource {
  readonly kind: 'run' | 'model';
  readonly id: string;
}

export interface FileEntry {
  readonly path: string;
  readonly is_dir: boolean;
  /** Bytes. */
  readonly file_size: number;
}

/** Entries of a folder that are asked for at once. */
const pageSize = 500;

/** A page of a folder; '' is the root. */
export async function listFiles(
  api: Api,
  { kind, id }: FileSource,
  path: string,
  token: string,
  signal: AbortSignal,
): Promise<{ files: FileEntry[]; next_page_token?: string }> {
  const query = {
    limit: pageSize,
    ...(path === '' ? {} : { path }),
    ...(token === '' ? {} : { page_token: token }),
  };
  const { data } =
    kind === 'run'
      ? await api.GET('/runs/{run_id}/files', { signal, params: { path: { run_id: id }, query } })
      : await api.GET('/logged-models/{model_id}/files', { signal, params: { path: { model_id: id }, query } });
  return data;
}

/** Bytes of a file, both ends inclusive; all of them without a range. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** The content of a file, or of a part of it, which the browser holds apart from what the page can read by itself. */
export async function readFile(
  api: Api,
  { kind, id }: FileSource,
  path: string,
  signal: AbortSignal,
  range?: Range,
): Promise<Blob> {
  const headers = range ? { range: `bytes=${range.from}-${range.to}` } : {};
  const more = { signal, headers, parseAs: 'blob' } as const;
  const { data } =
    kind === 'run'
      ? await api.GET('/runs/{run_id}/files/content', { ...more, params: { path: { run_id: id }, query: { path } } })
      : await api.GET('/logged-models/{model_id}/files/content', {
          ...more,
          params: { path: { model_id: id }, query: { path } },
        });
  return data;
}

/** The address by which a browser saves a file: of any size, without its bytes passing through the page. */
export function downloadLink(tenant: string, { kind, id }: FileSource, path: string): string {
  const query = new URLSearchParams({ path, workspace: tenant });
  return `/api/v1/${kind === 'run' ? 'runs' : 'logged-models'}/${id}/files/content?${query}`;
}

export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
export const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));
