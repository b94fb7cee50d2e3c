import { Button, Card, Group, SimpleGrid, Slider, Stack, Text, Title } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { Problem } from '../app/states.tsx';
import type { ProjectDetail } from '../projects/queries.ts';
import { IntervalCard } from './interval_card.tsx';
import { outcomes, type Question, useWhatIf } from './queries.ts';
import { most, useWhatIfSearch } from './search.ts';
import { text } from './text.ts';

/** Sliders for what can still be changed; the prediction moves with them, the difference is told, and the address keeps them. */
export function WhatIf({ project }: { readonly project: ProjectDetail }) {
  const [{ people, complexity: level }, keep] = useWhatIfSearch();
  const [change, setChange] = useState<Question>({
    ...(people === undefined ? {} : { team_size: people }),
    ...(level === undefined ? {} : { complexity_score: level }),
  });
  const [question] = useDebouncedValue(change, 200);
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
                keep({ people: undefined, complexity: undefined });
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
          <Stack gap={4}>
            <Text size="sm">
              {text.team}: {team}
            </Text>
            <Slider
              thumbLabel={text.team}
              min={1}
              max={Math.min(most.people, Math.max(30, (project.team_size ?? 0) * 2))}
              value={team}
              onChange={(team_size) => setChange((now) => ({ ...now, team_size }))}
              onChangeEnd={(value) => keep({ people: value })}
            />
          </Stack>
          <Stack gap={4}>
            <Text size="sm">
              {text.complexity}: {complexity}
            </Text>
            <Slider
              thumbLabel={text.complexity}
              min={1}
              max={most.complexity}
              value={complexity}
              onChange={(complexity_score) => setChange((now) => ({ ...now, complexity_score }))}
              onChangeEnd={(value) => keep({ complexity: value })}
            />
          </Stack>
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
