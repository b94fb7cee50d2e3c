import { SegmentedControl, Stack, Table, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { figure } from '../app/formats.ts';
import { IntervalBar } from '../app/interval_bar.tsx';
import { WideTable } from '../app/wide_table.tsx';
import { type Outcome, outcomes, type Prediction } from './queries.ts';
import { text } from './text.ts';

/** How much each feature moves a prediction away from what is typical (Shapley values). */
export function Contributions({ prediction }: { readonly prediction: Prediction }) {
  const explained = outcomes.filter((outcome) => prediction.contributions[outcome]?.length);
  const [chosen, setChosen] = useState<Outcome>();
  const outcome = chosen && explained.includes(chosen) ? chosen : explained[0];
  if (outcome === undefined) return null;
  const features = prediction.contributions[outcome] ?? [];
  const reach = Math.max(...features.map(({ effect }) => Math.abs(strengthOf(outcome, effect))), 1e-9);
  const typical = prediction.typical[outcome];
  return (
    <Stack gap="xs">
      <Title order={2} size="h5">
        {text.contributions}
      </Title>
      <SegmentedControl
        data={explained.map((value) => ({ value, label: text.outcomes[value] }))}
        value={outcome}
        onChange={(value) => setChosen(value as Outcome)}
        w="fit-content"
      />
      {typical !== null && <Text size="sm">{text.contributionsLead(typical, text.units[outcome])}</Text>}
      <WideTable label={text.contributions} minWidth={480}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{text.feature}</Table.Th>
            <Table.Th>{text.featureValue}</Table.Th>
            <Table.Th w="40%">{text.effect}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {features.map(({ feature, label, value, effect, text: words }) => {
            const strength = strengthOf(outcome, effect);
            return (
              <Table.Tr key={feature}>
                <Table.Td>{label}</Table.Td>
                <Table.Td className="figures">{shown(value)}</Table.Td>
                <Table.Td>
                  <IntervalBar
                    value={strength}
                    low={Math.min(0, strength)}
                    high={Math.max(0, strength)}
                    from={-reach}
                    to={reach}
                    label={words}
                  />
                  <Text size="xs" className="figures">
                    {words}
                  </Text>
                </Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </WideTable>
    </Stack>
  );
}

/** How far an effect reaches, to either side of none at 0: scores are added to, durations and costs multiplied. */
const strengthOf = (outcome: Outcome, effect: number): number =>
  outcome === 'success_score' ? effect : Math.log(effect);

const shown = (value: number | string | null): string =>
  value === null ? text.unknown : typeof value === 'number' ? figure(value) : value;
