import { Autocomplete, Group, NumberInput, Select, Switch, TagsInput, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { getRouteApi } from '@tanstack/react-router';
import { Search } from 'lucide-react';
import { useState } from 'react';
import { useRouteSearch } from '../app/use_page_search.ts';
import { text } from './text.ts';
import { artifactTypes } from './types.ts';

const route = getRouteApi('/signed-in/t/$tenant/library');

const orders = (['best', 'relevance', 'uses', 'impact', 'created_at'] as const).map((value) => ({
  value,
  label: text.orders[value],
}));
type Order = (typeof orders)[number]['value'];

/** What narrows the search; all of it is in the address. */
export function LibraryFilters() {
  const [search, set] = useRouteSearch(route);
  const [typed, setTyped] = useState(search.q ?? '');
  const change = (next: Partial<typeof search>) => set(next, true);
  const find = useDebouncedCallback((q: string) => change({ q: q || undefined }), 150);
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
          find(value);
        }}
      />
      <Autocomplete
        w={170}
        label={text.type}
        placeholder={text.anyType}
        data={artifactTypes}
        value={search.type ?? ''}
        onChange={(type) => change({ type: type || undefined })}
      />
      <TagsInput
        w={220}
        label={text.tags}
        placeholder={search.tags?.length ? '' : text.tagsHint}
        value={[...(search.tags ?? [])]}
        onChange={(tags) => change({ tags: tags.length > 0 ? tags : undefined })}
      />
      <NumberInput
        w={140}
        label={text.minImpact}
        min={0}
        max={100}
        value={search.impact ?? ''}
        onChange={(value) => change({ impact: typeof value === 'number' && value > 0 ? value : undefined })}
      />
      <Select
        w={140}
        label={text.order}
        data={orders}
        allowDeselect={false}
        value={search.order ?? 'best'}
        onChange={(value) => change({ order: value === 'best' ? undefined : (value as Order) })}
      />
      <Switch
        label={text.deprecated}
        mb={8}
        checked={search.deprecated ?? false}
        onChange={({ currentTarget }) => change({ deprecated: currentTarget.checked || undefined })}
      />
    </Group>
  );
}
