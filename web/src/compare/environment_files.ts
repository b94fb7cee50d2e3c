import { useQuery } from '@tanstack/react-query';
import type { Api } from '../api/api.ts';
import { useApi, useTenant } from '../api/hooks.ts';
import { isMissing } from '../app/refusals.ts';
import { type FileSource, listFiles, nameOf, readFile } from '../files/source.ts';

/** Files by which MLflow and people say what a run ran in. */
export const environmentNames = ['requirements.txt', 'conda.yaml', 'python_env.yaml'] as const;

const bytesMax = 512 * 1024;
/** Folders of a run, and models of one, that are looked through. */
const foldersMax = 12;
const modelsMax = 3;

const isEnvironment = (path: string): boolean => environmentNames.some((name) => name === nameOf(path));

async function filesOf(api: Api, source: FileSource, signal: AbortSignal): Promise<[FileSource, string][]> {
  try {
    const { files } = await listFiles(api, source, '', '', signal);
    const folders = files.filter((file) => file.is_dir).slice(0, foldersMax);
    const inner = await Promise.all(folders.map(({ path }) => listFiles(api, source, path, '', signal)));
    return [...files, ...inner.flatMap((page) => page.files)]
      .filter(({ path, is_dir: isFolder }) => !isFolder && isEnvironment(path))
      .map(({ path }) => [source, path]);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** The texts of a run's environment files by their names: its own first, else those of the last models that it wrote. */
async function environmentOf(api: Api, runId: string, signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
  const run: FileSource = { kind: 'run', id: runId };
  const { data } = await api.GET('/runs/{run_id}/outputs', { signal, params: { path: { run_id: runId } } });
  const models = data.models.slice(-modelsMax).reverse();
  const sources = [run, ...models.map(({ model_id: id }): FileSource => ({ kind: 'model', id }))];
  const found = (await Promise.all(sources.map((source) => filesOf(api, source, signal)))).flat();
  const first = new Map<string, [FileSource, string]>();
  for (const file of found) if (!first.has(nameOf(file[1]))) first.set(nameOf(file[1]), file);
  const texts = await Promise.all(
    [...first].map(async ([name, [source, path]]) => {
      const content = await readFile(api, source, path, signal, { from: 0, to: bytesMax - 1 });
      return [name, await content.text()] as const;
    }),
  );
  return new Map(texts);
}

export function useEnvironment(runId: string | undefined) {
  const api = useApi();
  return useQuery({
    queryKey: ['t', useTenant(), 'environment', runId],
    queryFn: ({ signal }) => environmentOf(api, runId as string, signal),
    enabled: runId !== undefined,
    staleTime: 60_000,
  });
}
