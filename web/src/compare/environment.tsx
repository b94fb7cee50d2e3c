import { Group, Select, Stack, Text } from '@mantine/core';
import { Section } from '../app/section.tsx';
import { Loading, Problem } from '../app/states.tsx';
import { EnvironmentDiff } from './environment_diff.tsx';
import { environmentNames, useEnvironment } from './environment_files.ts';
import type { RunInfo } from './queries.ts';
import { text } from './text.ts';
import { useComparison } from './use_compared.ts';

/** The packages of two runs, file by file. */
export function Environment({ runs }: { readonly runs: readonly RunInfo[] }) {
  const [search, change] = useComparison();
  const base = runs.find(({ run_id: id }) => id === search.base) ?? runs[0];
  const other =
    runs.find(({ run_id: id }) => id === search.other && id !== base?.run_id) ??
    runs.find(({ run_id: id }) => id !== base?.run_id);
  const before = useEnvironment(base?.run_id);
  const after = useEnvironment(other?.run_id);
  if (!base || !other) return <Text size="sm">{text.chooseTwo}</Text>;
  const error = before.error ?? after.error;
  const data = runs.map(({ run_id: value, name }) => ({ value, label: name }));
  const names = environmentNames.filter((name) => before.data?.has(name) || after.data?.has(name));
  return (
    <Stack>
      <Text size="sm" c="dimmed">
        {text.environmentLead}
      </Text>
      <Group gap="sm">
        <Select
          label={text.baseline}
          searchable
          allowDeselect={false}
          limit={100}
          data={data}
          value={base.run_id}
          onChange={(next) => next && change({ base: next })}
        />
        <Select
          label={text.other}
          searchable
          allowDeselect={false}
          limit={100}
          data={data.filter(({ value }) => value !== base.run_id)}
          value={other.run_id}
          onChange={(next) => next && change({ other: next })}
        />
      </Group>
      {error && <Problem error={error} onRetry={() => void Promise.all([before.refetch(), after.refetch()])} />}
      {!error && !(before.data && after.data) && <Loading />}
      {before.data && after.data && names.length === 0 && (
        <Text size="sm" c="dimmed">
          {text.noEnvironment}
        </Text>
      )}
      {before.data &&
        after.data &&
        names.map((name) => (
          <Section key={name} title={name}>
            <EnvironmentDiff
              name={name}
              before={before.data.get(name)}
              after={after.data.get(name)}
              runs={[base.name, other.name]}
            />
          </Section>
        ))}
    </Stack>
  );
}
