import { Stack, Table, Title } from '@mantine/core';
import { ago } from '../app/formats.ts';
import { WideTable } from '../app/wide_table.tsx';
import { type Listed, outcomes, predictedOf } from './queries.ts';
import { text } from './text.ts';

/** What was predicted before, and what came of it. */
export function KeptPredictions({ listed }: { readonly listed: readonly Listed[] }) {
  const kept = listed.filter((prediction) => !prediction.is_what_if);
  if (kept.length < 2) return null;
  return (
    <Stack gap="xs">
      <Title order={2} size="h5">
        {text.kept}
      </Title>
      <WideTable label={text.kept} minWidth={520}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{text.when}</Table.Th>
            {outcomes.map((outcome) => (
              <Table.Th key={outcome}>{text.outcomes[outcome]}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {kept.map((prediction) => (
            <Table.Tr key={prediction.prediction_id}>
              <Table.Td>{ago(Date.parse(prediction.created_at))}</Table.Td>
              {outcomes.map((outcome) => (
                <Table.Td key={outcome} className="figures">
                  {cellOf(prediction, outcome)}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </WideTable>
    </Stack>
  );
}

function cellOf(prediction: Listed, outcome: (typeof outcomes)[number]): string {
  const value = predictedOf(prediction, outcome);
  if (value === null) return text.unknown;
  const score = prediction.score?.[outcome];
  const told = text.value(value, text.units[outcome]);
  return score ? `${told} · ${text.became(score.actual)}` : told;
}
