import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useApi, useTenant } from '../api/hooks.ts';
import { mayIn, mayInPart, useRights, type Why } from '../api/rights.ts';
import { patternOf } from './filter_literal.ts';

/** Something of the tenant that a name was found of. */
interface Found {
  readonly id: string;
  readonly name: string;
}

/** What is found of one kind. */
export type FoundOfKind = ReturnType<typeof useFound>;

/** Of each kind at most. */
const limit = 5;

/** Fewer letters than these are in nearly every name. */
const lettersMin = 2;

/** What is asked of every kind: the words, which follow what is typed, and by what rights. */
interface Asked {
  readonly typed: string;
  readonly words: string;
  readonly rights: ReturnType<typeof useRights>;
}

/** What of one kind is found by words; nothing where that may not be read. What may be is asked first, of the tenant. */
function useFound(
  kind: string,
  { typed, words, rights }: Asked,
  allows: (held: Why) => boolean,
  find: (signal: AbortSignal) => Promise<Found[]>,
) {
  const tenant = useTenant();
  const isLong = words.length >= lettersMin;
  const isAllowed = rights.data !== undefined && allows(rights.data);
  const isAsked = isAllowed && isLong;
  const { data, error, isFetching, isPlaceholderData, refetch } = useQuery({
    queryKey: ['t', tenant, 'found-names', kind, words],
    queryFn: ({ signal }) => find(signal),
    enabled: isAsked,
    // Names of another tenant are never among those of this one.
    placeholderData: (before, query) => (query?.queryKey[1] === tenant ? before : undefined),
    retry: false,
  });
  const isOfOtherWords = isPlaceholderData || words !== typed;
  const goesWith = ({ name }: Found) => name.toLowerCase().includes(typed.toLowerCase());
  return {
    // Whoever goes on typing and takes the first one means what is typed.
    found: !isAsked ? [] : (data ?? []).filter((one) => !isOfOtherWords || goesWith(one)),
    isSearching: rights.data === undefined ? rights.isFetching : isAllowed && (words !== typed || isFetching),
    error: isAsked ? error : rights.data === undefined && isLong ? rights.error : null,
    again: () => void (isAsked ? refetch() : rights.refetch()),
  };
}

/** Experiments, projects and artifacts whose names go with what is typed; lists that are narrowed to grants are asked for these, too. */
export function useFoundNames(whatIsTyped: string) {
  const api = useApi();
  const typed = whatIsTyped.trim();
  const [words] = useDebouncedValue(typed, 150);
  const asked: Asked = { typed, words, rights: useRights() };
  return {
    experiments: useFound(
      'experiments',
      asked,
      (held) => mayInPart(held, 'experiment:read'),
      async (signal) => {
        const query = { limit, filter: `attribute.name ILIKE ${patternOf(words)}` };
        const { data } = await api.GET('/experiments', { signal, params: { query } });
        return data.items.map(({ experiment_id: id, name }) => ({ id: String(id), name }));
      },
    ),
    projects: useFound(
      'projects',
      asked,
      (held) => mayInPart(held, 'project:read'),
      async (signal) => {
        const { data } = await api.GET('/projects', { signal, params: { query: { limit, q: words } } });
        return data.items.map(({ project_id: id, name }) => ({ id, name }));
      },
    ),
    artifacts: useFound(
      'artifacts',
      asked,
      (held) => mayIn(held, 'artifact:read'),
      async (signal) => {
        const { data } = await api.POST('/artifacts/search', { signal, body: { limit, q: words }, repeatable: true });
        return data.items.map(({ artifact_id: id, name }) => ({ id, name }));
      },
    ),
  };
}
