import { Card, Group, Stack, Text } from '@mantine/core';
import { IntervalBar } from '../app/interval_bar.tsx';
import { type Outcome, type Prediction, predictedOf } from './queries.ts';
import { text } from './text.ts';

interface IntervalCardProps {
  readonly prediction: Prediction;
  readonly outcome: Outcome;
}

/** One predicted outcome with its interval, and what it became where the project has ended. */
export function IntervalCard({ prediction, outcome }: IntervalCardProps) {
  const value = predictedOf(prediction, outcome);
  const interval = prediction.intervals[outcome];
  if (value === null || interval === null) return null;
  const { low, high } = interval;
  const score = prediction.score?.[outcome] ?? null;
  const difference = prediction.differences?.[outcome] ?? null;
  const name = text.outcomes[outcome];
  const unit = text.units[outcome];
  const from = outcome === 'success_score' ? 0 : Math.min(0, low);
  const to = outcome === 'success_score' ? 100 : Math.max(high, score?.actual ?? 0) * 1.1;
  return (
    <Card withBorder>
      <Stack gap={4}>
        <Group justify="space-between">
          <Text size="sm" c="dimmed">
            {name}
          </Text>
          {difference !== null && difference !== 0 && (
            <Text size="sm" fw={600} className="figures">
              {text.difference(difference, unit)}
            </Text>
          )}
        </Group>
        <Text size="xl" fw={650} className="figures">
          {text.value(value, unit)}
        </Text>
        <IntervalBar
          value={value}
          low={low}
          high={high}
          from={from}
          to={to}
          actual={score?.actual}
          label={text.label(name, value, low, high)}
        />
        <Text size="sm" className="figures">
          {text.interval(low, high, unit)}
        </Text>
        {score && (
          <Text size="sm" fw={600}>
            {text.became(score.actual)}{' '}
            {score.within_interval !== null && (score.within_interval ? text.inside : text.outside)}
          </Text>
        )}
      </Stack>
    </Card>
  );
}
