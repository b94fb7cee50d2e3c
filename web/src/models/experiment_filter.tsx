import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { useExperiment } from '../runs/queries.ts';
import { useExperimentChoice } from './queries.ts';
import { text } from './text.ts';

/** One experiment, or all of them. */
export function ExperimentFilter(props: {
  readonly value: number | undefined;
  readonly onChange: (id: number | undefined) => void;
}) {
  const { data: chosen } = useExperiment(props.value);
  const [search, setSearch] = useState('');
  const [asked] = useDebouncedValue(search.trim(), 150);
  const { data: found = [] } = useExperimentChoice(asked === chosen?.name ? '' : asked);
  const all =
    chosen && !found.some(({ experiment_id: id }) => id === chosen.experiment_id) ? [chosen, ...found] : found;
  return (
    <Select
      label={text.experiment}
      placeholder={text.allExperiments}
      searchable
      clearable
      clearButtonProps={{ 'aria-label': text.allExperiments }}
      searchValue={search}
      onSearchChange={setSearch}
      filter={({ options }) => options}
      value={props.value === undefined ? null : String(props.value)}
      onChange={(id) => props.onChange(id === null ? undefined : Number(id))}
      data={all.map(({ experiment_id: id, name }) => ({ value: String(id), label: name }))}
    />
  );
}
