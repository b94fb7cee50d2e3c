import { Stack, Table, Title } from '@mantine/core';
import { ago, count } from '../app/formats.ts';
import { Problem } from '../app/states.tsx';
import { WideTable } from '../app/wide_table.tsx';
import { useModelVersions } from './queries.ts';
import { text } from './text.ts';

/** What was learned when, and whether it got better. */
export function ModelVersions() {
  const { data, error } = useModelVersions();
  if (error) return <Problem error={error} />;
  if (!data || data.length === 0) return null;
  return (
    <Stack gap="xs">
      <Title order={2} size="h5">
        {text.versions}
      </Title>
      <WideTable label={text.versions} minWidth={480}>
        <Table.Thead>
          <Table.Tr>
            {[
              text.versions,
              text.when,
              text.outcomes.success_score,
              text.outcomes.duration_days,
              text.outcomes.cost,
            ].map((head) => (
              <Table.Th key={head}>{head}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {data.map(({ version, trained_at: at, outcomes }) => (
            <Table.Tr key={version}>
              <Table.Td>{version}</Table.Td>
              <Table.Td>{ago(Date.parse(at))}</Table.Td>
              {(['success_score', 'duration_days', 'cost'] as const).map((name) => {
                const one = outcomes.find(({ outcome }) => outcome === name);
                return (
                  <Table.Td key={name} className="figures">
                    {one ? `${text.share(one.errors?.sa ?? null)} · n ${count(one.rows)}` : '–'}
                  </Table.Td>
                );
              })}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </WideTable>
    </Stack>
  );
}
