import { Progress, Stack, Text } from '@mantine/core';
import type { Project } from './queries.ts';
import { text } from './text.ts';

const dayMs = 86_400_000;

/** The days of a project so far; null where it has no first day. */
export function daysOf({ start_date: start, completion_date: end }: Project, now = Date.now()): number | null {
  if (start === null) return null;
  return Math.max(0, Math.round(((end === null ? now : Date.parse(end)) - Date.parse(start)) / dayMs));
}

/** When a project began and ended, or how long it has been going. */
export function TimeBar({ project }: { readonly project: Project }) {
  const days = daysOf(project);
  const { start_date: start, completion_date: end } = project;
  if (days === null) return <Text c="dimmed">{end ?? text.unknown}</Text>;
  return (
    <Stack gap={4}>
      <Text size="sm" className="figures">
        {end === null ? text.since(days) : text.days(days)}
      </Text>
      <Progress
        size="xs"
        value={end === null ? Math.min(95, days / 3.65) : 100}
        color={end === null ? 'indigo' : 'gray'}
        animated={end === null}
        aria-label={end === null ? `${start}` : text.from(start ?? '', end)}
      />
      <Text size="xs" c="dimmed" className="figures">
        {end === null ? start : text.from(start ?? '', end)}
      </Text>
    </Stack>
  );
}
