import { Group, Select, Switch } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { Search } from 'lucide-react';
import { SearchField } from '../app/search_field.tsx';
import type { RunInfo } from './queries.ts';
import { text } from './text.ts';

const route = getRouteApi('/signed-in/t/$tenant/compare');

/** What is shown of a comparison, and against which run; all of it is in the address. */
export function CompareTools({
  runs,
  withSearch,
}: {
  readonly runs: readonly RunInfo[];
  readonly withSearch: boolean;
}) {
  const { q = '', all = false, base = '' } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <Group gap="sm" align="end">
      {withSearch && (
        <SearchField
          leftSection={<Search size={16} aria-hidden />}
          value={q}
          onChange={(next) =>
            void navigate({ search: (before) => ({ ...before, q: next }), replace: true, resetScroll: false })
          }
          placeholder={text.search}
          aria-label={text.search}
        />
      )}
      <Select
        aria-label={text.baseline}
        placeholder={text.noBaseline}
        searchable
        clearable
        clearButtonProps={{ 'aria-label': text.noBaseline }}
        limit={100}
        data={runs.map(({ run_id: value, name }) => ({ value, label: name }))}
        value={base === '' ? null : base}
        onChange={(next) =>
          void navigate({ search: (before) => ({ ...before, base: next ?? undefined }), resetScroll: false })
        }
      />
      <Switch
        label={text.onlyDifferent}
        checked={!all}
        onChange={({ currentTarget }) =>
          void navigate({
            search: (before) => ({ ...before, all: currentTarget.checked ? undefined : true }),
            resetScroll: false,
          })
        }
      />
    </Group>
  );
}
