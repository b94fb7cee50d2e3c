import { Checkbox, Group, SegmentedControl, Select, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { getRouteApi } from '@tanstack/react-router';
import { Search } from 'lucide-react';
import { useState } from 'react';
import { useRouteSearch } from '../app/use_page_search.ts';
import { text } from './text.ts';

const route = getRouteApi('/signed-in/t/$tenant/projects');

const orders = (['updated_at', 'name', 'start_date', 'completion_date', 'success_score', 'compute_cost'] as const).map(
  (value) => ({ value, label: text.orders[value] }),
);
type Order = (typeof orders)[number]['value'];

const states = (['all', 'active', 'finished'] as const).map((value) => ({ value, label: text.states[value] }));

/** What narrows and orders the list; all of it is in the address. */
export function ProjectFilters() {
  const [search, set] = useRouteSearch(route);
  const [typed, setTyped] = useState(search.q ?? '');
  const [typedClass, setTypedClass] = useState(search.class ?? '');
  const change = (next: Partial<typeof search>) => set(next, true);
  const find = useDebouncedCallback(change, 150);
  return (
    <Group gap="sm" align="flex-end">
      <TextInput
        flex="1 1 18rem"
        type="search"
        leftSection={<Search size={16} aria-hidden />}
        placeholder={text.search}
        aria-label={text.search}
        value={typed}
        onChange={({ currentTarget: { value } }) => {
          setTyped(value);
          find({ q: value || undefined });
        }}
      />
      <TextInput
        w={170}
        aria-label={text.problemClass}
        placeholder={text.anyClass}
        value={typedClass}
        onChange={({ currentTarget: { value } }) => {
          setTypedClass(value);
          find({ class: value || undefined });
        }}
      />
      <SegmentedControl
        aria-label={text.state}
        data={states}
        value={search.state ?? 'all'}
        onChange={(value) => change({ state: value === 'all' ? undefined : (value as 'active' | 'finished') })}
      />
      <Select
        w={150}
        aria-label={text.order}
        data={orders}
        allowDeselect={false}
        value={search.by ?? 'updated_at'}
        onChange={(value) => change({ by: value === 'updated_at' ? undefined : (value as Order) })}
      />
      <Checkbox
        mb={8}
        label={text.ascending}
        checked={search.ascending ?? false}
        onChange={({ currentTarget }) => change({ ascending: currentTarget.checked || undefined })}
      />
    </Group>
  );
}
