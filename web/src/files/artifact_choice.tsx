import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi, useTenant } from '../api/hooks.ts';
import { text } from './text.ts';

/** An artifact of the library, found by typing. */
export function ArtifactChoice(props: { readonly value: string; readonly onChange: (id: string) => void }) {
  const api = useApi();
  const [search, setSearch] = useState('');
  const [asked] = useDebouncedValue(search.trim(), 150);
  const { data } = useQuery({
    queryKey: ['t', useTenant(), 'artifact-choice', asked],
    queryFn: async ({ signal }) => {
      if (asked === '') {
        const { data } = await api.GET('/artifacts', { signal, params: { query: { limit: 20 } } });
        return data.items;
      }
      return (await api.POST('/artifacts/search', { signal, body: { query: asked, limit: 20 } })).data.items;
    },
    placeholderData: (before) => before,
  });
  return (
    <Select
      label={text.artifact}
      placeholder={text.artifactSearch}
      searchable
      required
      searchValue={search}
      onSearchChange={setSearch}
      filter={({ options }) => options}
      value={props.value === '' ? null : props.value}
      onChange={(id) => props.onChange(id ?? '')}
      data={(data ?? []).map(({ artifact_id: value, name }) => ({ value, label: name }))}
    />
  );
}
