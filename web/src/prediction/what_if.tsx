import { Button, Card, Group, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { figure } from '../app/formats.ts';
import { Problem } from '../app/states.tsx';
import type { ProjectDetail } from '../projects/queries.ts';
import { IntervalCard } from './interval_card.tsx';
import { Knob } from './knob.tsx';
import { type KnownNumber, numbersOf } from './numbers_of.ts';
import { outcomes, type Prediction, type Question, useWhatIf } from './queries.ts';
import { asItIs, most, useWhatIfSearch } from './search.ts';
import { text } from './text.ts';

interface WhatIfProps {
  readonly project: ProjectDetail;
  /** What is predicted of it as it is, where that was asked. */
  readonly prediction: Prediction | undefined;
}

/** A change of what has a slider: an address may name other things, and nothing is asked that is not shown. */
function withOnly(numbers: readonly KnownNumber[], { metadata = {}, ...change }: Question): Question {
  const shown = Object.entries(metadata).filter(([key]) => numbers.some((number) => number.key === key));
  return shown.length === 0 ? change : { ...change, metadata: Object.fromEntries(shown) };
}

/** Sliders for what can still be changed; the prediction moves with them, the difference is told, and the address keeps them. */
export function WhatIf({ project, prediction }: WhatIfProps) {
  const [{ people, complexity: level, set }, keep] = useWhatIfSearch();
  const [change, setChange] = useState<Question>({
    ...(people === undefined ? {} : { team_size: people }),
    ...(level === undefined ? {} : { complexity_score: level }),
    ...(set === undefined ? {} : { metadata: set }),
  });
  const numbers = numbersOf(project, prediction, Object.keys(change.metadata ?? {}));
  const [settled] = useDebouncedValue(change, 200);
  const question = withOnly(numbers, settled);
  const isChanged = Object.keys(question).length > 0;
  const { data, error, isPlaceholderData } = useWhatIf(project.project_id, isChanged ? question : undefined);
  const team = change.team_size ?? project.team_size ?? 3;
  const complexity = change.complexity_score ?? project.complexity_score ?? 50;
  return (
    <Card withBorder>
      <Stack>
        <Group justify="space-between">
          <Title order={2} size="h5">
            {text.whatIf}
          </Title>
          {isChanged && (
            <Button
              size="compact-sm"
              variant="default"
              onClick={() => {
                setChange({});
                keep(asItIs);
              }}
            >
              {text.reset}
            </Button>
          )}
        </Group>
        <Text size="sm" c="dimmed">
          {text.whatIfLead}
        </Text>
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <Knob
            label={text.team}
            value={team}
            shown={String(team)}
            min={1}
            max={Math.min(most.people, Math.max(30, (project.team_size ?? 0) * 2))}
            onChange={(team_size) => setChange((now) => ({ ...now, team_size }))}
            onChangeEnd={(value) => keep({ people: value })}
          />
          <Knob
            label={text.complexity}
            value={complexity}
            shown={String(complexity)}
            min={1}
            max={most.complexity}
            onChange={(complexity_score) => setChange((now) => ({ ...now, complexity_score }))}
            onChangeEnd={(value) => keep({ complexity: value })}
          />
          {numbers.map(({ key, label, value: own, step }) => {
            const value = Number(change.metadata?.[key] ?? own);
            const withValue = (changed: number) => ({ ...change.metadata, [key]: changed }) as Record<string, number>;
            return (
              <Knob
                key={key}
                label={label}
                value={value}
                shown={figure(value)}
                min={step}
                max={2 * own}
                step={step}
                onChange={(changed) => setChange((now) => ({ ...now, metadata: withValue(changed) }))}
                onChangeEnd={(changed) => keep({ set: withValue(changed) })}
              />
            );
          })}
        </SimpleGrid>
        {error && <Problem error={error} />}
        {isChanged && data && (
          <SimpleGrid cols={{ base: 1, sm: 3 }} aria-busy={isPlaceholderData} aria-live="polite">
            {outcomes.map((outcome) => (
              <IntervalCard key={outcome} prediction={data} outcome={outcome} />
            ))}
          </SimpleGrid>
        )}
      </Stack>
    </Card>
  );
}
