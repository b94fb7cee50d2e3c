import { Group, SegmentedControl, Stack, Text } from '@mantine/core';
import { Facts } from '../app/facts.tsx';
import { Section } from '../app/section.tsx';
import { Loading, Problem } from '../app/states.tsx';
import { CollaborationGraph } from './collaboration_graph.tsx';
import { type Code, type Deliveries, useTeamAnalytics } from './queries.ts';
import { spans, useProcessSearch } from './search.ts';
import { text } from './text.ts';
import { VelocityChart } from './velocity_chart.tsx';

/** How a project is worked on: its velocity, its deliveries, its code and how people work together. */
export function ProcessTab({ projectId }: { readonly projectId: string }) {
  const [{ days = 90 }, change] = useProcessSearch();
  const { data, error, refetch } = useTeamAnalytics(projectId, days);
  return (
    <Stack>
      <Group gap="xs">
        <Text size="sm">{text.span}</Text>
        <SegmentedControl
          aria-label={text.span}
          data={spans.map((span) => ({ value: String(span), label: text.days[span] as string }))}
          value={String(days)}
          onChange={(value) => change({ days: spans.find((span) => String(span) === value), bucket: undefined })}
        />
      </Group>
      <VelocityChart projectId={projectId} days={days} />
      {error && <Problem error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Loading />}
      {data && (
        <>
          <Section title={text.dora}>
            <FourKeys deliveries={data.deliveries} />
          </Section>
          <Section title={text.code}>
            <CodeFacts code={data.code} deliveries={data.deliveries} />
          </Section>
          <Section title={text.together}>
            <Together {...data.collaboration} />
          </Section>
        </>
      )}
    </Stack>
  );
}

function FourKeys({ deliveries: { dora } }: { readonly deliveries: Deliveries }) {
  const { definitions } = text;
  return (
    <Facts
      facts={[
        [text.deployments, text.number(dora.per_week), definitions.deployments],
        [text.leadTime, text.hours(dora.lead_time_hours.p50), definitions.leadTime],
        [text.failureRate, text.share(dora.change_failure_rate), definitions.failureRate],
        [text.restore, text.hours(dora.hours_to_restore.p50), definitions.restore],
      ]}
    />
  );
}

function CodeFacts({ code, deliveries }: { readonly code: Code; readonly deliveries: Deliveries }) {
  return (
    <Stack gap="xs">
      <Facts
        facts={[
          [text.commits, text.number(code.commits)],
          [text.people, text.number(code.people)],
          [text.busFactor, text.number(code.bus_factor), text.busFactorIs],
          [text.changesMerged, text.number(code.changes?.merged ?? null)],
          [text.firstReview, text.hours(code.changes?.hours_to_first_review.p50 ?? null)],
          [text.toMerge, text.hours(code.changes?.hours_to_merge.p50 ?? null)],
          [text.builds, text.share(deliveries.builds.success_rate)],
        ]}
      />
      {code.commits === null && <Few />}
    </Stack>
  );
}

type Collaboration = NonNullable<ReturnType<typeof useTeamAnalytics>['data']>['collaboration'];

function Together({ graph, working_pattern: pattern }: Collaboration) {
  if (graph === null && pattern === null) return <Few />;
  return (
    <Stack>
      <Facts
        facts={[
          [text.ties, text.number(graph?.ties ?? null)],
          [text.density, text.share(graph?.density ?? null)],
          [text.components, text.number(graph?.components ?? null)],
          [text.night, text.share(pattern?.night_share ?? null)],
          [text.weekend, text.share(pattern?.weekend_share ?? null)],
          [text.stretches, text.share(pattern?.long_stretch_share ?? null)],
        ]}
      />
      {graph?.drawing && <CollaborationGraph drawing={graph.drawing} />}
      {graph && !graph.drawing && (
        <Text size="sm" c="dimmed">
          {text.fewToDraw}
        </Text>
      )}
    </Stack>
  );
}

const Few = () => (
  <Text size="sm" c="dimmed">
    {text.few}
  </Text>
);
