import { Group, Select, Switch } from '@mantine/core';
import { Search } from 'lucide-react';
import { SearchField } from '../app/search_field.tsx';
import type { RunInfo } from './queries.ts';
import { text } from './text.ts';
import { useComparison } from './use_compared.ts';

/** What is shown of a comparison, and against which run; all of it is in the address. */
export function CompareTools({
  runs,
  withSearch,
}: {
  readonly runs: readonly RunInfo[];
  readonly withSearch: boolean;
}) {
  const [{ q = '', all = false, base = '' }, change] = useComparison();
  return (
    <Group gap="sm" align="end">
      {withSearch && (
        <SearchField
          leftSection={<Search size={16} aria-hidden />}
          value={q}
          onChange={(next) => change({ q: next }, true)}
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
        onChange={(next) => change({ base: next ?? undefined })}
      />
      <Switch
        label={text.onlyDifferent}
        checked={!all}
        onChange={({ currentTarget }) => change({ all: currentTarget.checked ? undefined : true })}
      />
    </Group>
  );
}
