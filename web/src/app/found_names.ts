import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useApi, useTenant } from '../api/hooks.ts';
import { type Permission, useMay } from '../api/rights.ts';
import { patternOf } from './filter_literal.ts';

/** Something of the tenant that a name was found of. */
export interface Found {
  readonly id: string;
  readonly name: string;
}

/** Of each kind at most. */
const limit = 5;

/** Fewer letters than these are in nearly every name. */
const lettersMin = 2;

const none = { found: [], isFetching: false, error: null } as const;

/** What of one kind is found by words; nothing where that may not be read. */
function useFound(
  kind: string,
  permission: Permission,
  words: string,
  find: (signal: AbortSignal) => Promise<Found[]>,
) {
  const tenant = useTenant();
  const isAsked = useMay()(permission) && words.length >= lettersMin;
  const { data, isFetching, error } = useQuery({
    queryKey: ['t', tenant, 'found-names', kind, words],
    queryFn: ({ signal }) => find(signal),
    enabled: isAsked,
    // Names of another tenant are never among those of this one.
    placeholderData: (before, query) => (query?.queryKey[1] === tenant ? before : undefined),
    retry: false,
  });
  return isAsked ? { found: data ?? [], isFetching, error } : none;
}

/** Experiments, projects and artifacts whose names go with what is typed, and whether that is all there is to say. */
export function useFoundNames(typed: string) {
  const api = useApi();
  const [words] = useDebouncedValue(typed.trim(), 150);
  const experiments = useFound('experiments', 'experiment:read', words, async (signal) => {
    const query = { limit, filter: `attribute.name ILIKE ${patternOf(words)}` };
    const { data } = await api.GET('/experiments', { signal, params: { query } });
    return data.items.map(({ experiment_id: id, name }) => ({ id: String(id), name }));
  });
  const projects = useFound('projects', 'project:read', words, async (signal) => {
    const { data } = await api.GET('/projects', { signal, params: { query: { limit, q: words } } });
    return data.items.map(({ project_id: id, name }) => ({ id, name }));
  });
  const artifacts = useFound('artifacts', 'artifact:read', words, async (signal) => {
    const { data } = await api.POST('/artifacts/search', { signal, body: { limit, q: words }, repeatable: true });
    return data.items.map(({ artifact_id: id, name }) => ({ id, name }));
  });
  const all = [experiments, projects, artifacts];
  return {
    experiments: experiments.found,
    projects: projects.found,
    artifacts: artifacts.found,
    isSearching: words !== typed.trim() || all.some(({ isFetching }) => isFetching),
    error: all.find(({ error }) => error !== null)?.error ?? null,
  };
}
