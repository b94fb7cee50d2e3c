import { Alert, Button, Group, List, SimpleGrid, Stack, Text } from '@mantine/core';
import { Telescope } from 'lucide-react';
import type { ReactNode } from 'react';
import { useMay } from '../api/rights.ts';
import { Defined } from '../app/defined.tsx';
import { Empty } from '../app/empty.tsx';
import { ago } from '../app/formats.ts';
import { Loading, Problem } from '../app/states.tsx';
import type { ProjectDetail } from '../projects/queries.ts';
import { Contributions } from './contributions.tsx';
import { IntervalCard } from './interval_card.tsx';
import { KeptPredictions } from './kept_predictions.tsx';
import { outcomes, type Prediction, useKeptPredictions, usePredict, usePrediction } from './queries.ts';
import { SimilarProjects } from './similar_projects.tsx';
import { text } from './text.ts';
import { WhatIf } from './what_if.tsx';

/** What is to be expected of a project, how sure that is, why, and what would change it. */
export function PredictionTab({ project }: { readonly project: ProjectDetail }) {
  const id = project.project_id;
  const kept = useKeptPredictions(id);
  const newest = kept.data?.find((prediction) => !prediction.is_what_if);
  const prediction = usePrediction(id, newest?.prediction_id);
  const predict = usePredict(id);
  const error = kept.error ?? prediction.error ?? predict.error;
  if (kept.isPending || (newest && prediction.isPending)) return <Loading />;
  const ask = (
    <Button loading={predict.isPending} onClick={() => predict.mutate()}>
      {prediction.data ? text.predictAgain : text.predict}
    </Button>
  );
  return (
    <Stack>
      {error && <Problem error={error} />}
      {prediction.data ? (
        <Told prediction={prediction.data} ask={ask} />
      ) : (
        <Empty Icon={Telescope} title={text.predict}>
          <Stack align="center">
            {text.none}
            {ask}
          </Stack>
        </Empty>
      )}
      {project.completion_date === null && <WhatIf project={project} prediction={prediction.data} />}
      {kept.data && <KeptPredictions listed={kept.data} />}
    </Stack>
  );
}

function Told({ prediction, ask }: { readonly prediction: Prediction; readonly ask: ReactNode }) {
  const may = useMay();
  const { flags, recommendation, similar, confidence, model_version: version, created_at: at } = prediction;
  return (
    <Stack>
      <Group justify="space-between">
        <Text size="sm" c="dimmed">
          <Defined by={text.confidenceMeans}>{text.confidence(confidence)}</Defined>
          {['', text.model(version), ago(Date.parse(at))].join(' · ')}
        </Text>
        {may('project:read') && ask}
      </Group>
      {flags.map((flag) => (
        <Alert key={flag} color="yellow" variant="light">
          {text.flags[flag]}
        </Alert>
      ))}
      <SimpleGrid cols={{ base: 1, sm: 3 }}>
        {outcomes.map((outcome) => (
          <IntervalCard key={outcome} prediction={prediction} outcome={outcome} />
        ))}
      </SimpleGrid>
      {recommendation.length > 0 && (
        <List spacing="xs">
          {recommendation.map((sentence) => (
            <List.Item key={sentence}>{sentence}</List.Item>
          ))}
        </List>
      )}
      <Contributions prediction={prediction} />
      <SimilarProjects similar={similar} />
    </Stack>
  );
}
