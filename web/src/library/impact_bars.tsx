import { Group, Stack, Text } from '@mantine/core';
import { ago } from '../app/formats.ts';
import { IntervalBar } from '../app/interval_bar.tsx';
import type { Artifact, Effect } from './queries.ts';
import { text } from './text.ts';

type Outcome = 'success' | 'duration' | 'cost';
const outcomes: readonly Outcome[] = ['success', 'duration', 'cost'];

/** Success in points; what durations and costs are multiplied by, as what it adds in per cent: 0.9 is −10. */
const shownOf = ({ value, low, high }: Effect, outcome: Outcome) => {
  const shown = (amount: number): number => (outcome === 'success' ? amount : (amount - 1) * 100);
  return { value: shown(value), low: shown(low), high: shown(high) };
};

const wordsOf = (effect: Effect, outcome: Outcome): string => {
  const { value, low, high } = shownOf(effect, outcome);
  return text.estimate(value, low, high, text.units[outcome], effect.projects);
};

/** One effect with its interval, over a width that holds zero and the whole of the interval. */
export function EffectBar({ effect, outcome }: { readonly effect: Effect; readonly outcome: Outcome }) {
  const { value, low, high } = shownOf(effect, outcome);
  const reach = Math.max(Math.abs(low), Math.abs(high), 1e-9) * 1.1;
  const label = wordsOf(effect, outcome);
  return <IntervalBar value={value} low={low} high={high} from={-reach} to={reach} label={label} />;
}

/** What an artifact added to success, duration and cost, with how sure that is, the method and its date. */
export function ImpactBars({ impact }: { readonly impact: Artifact['impact'] }) {
  if (impact === null) return <Text c="dimmed">{text.noImpact}</Text>;
  return (
    <Stack gap="sm">
      {outcomes.map((outcome) => {
        const effect = impact[outcome];
        return (
          effect && (
            <Stack key={outcome} gap={2}>
              <Group justify="space-between" gap="xs">
                <Text size="sm" fw={600}>
                  {text.outcomes[outcome]}
                </Text>
                <Text size="sm" c="dimmed">
                  {text.evidence[effect.evidence]}
                </Text>
              </Group>
              <EffectBar effect={effect} outcome={outcome} />
              <Text size="sm" className="figures">
                {wordsOf(effect, outcome)}
              </Text>
            </Stack>
          )
        );
      })}
      <Text size="xs" c="dimmed">
        {text.method} {text.computed(ago(Date.parse(impact.computed_at)))}
      </Text>
    </Stack>
  );
}
