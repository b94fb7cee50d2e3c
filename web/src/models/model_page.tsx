import { Alert, Button, Grid, Group, Stack, Text } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { isMissing } from '../app/refusals.ts';
import { Section } from '../app/section.tsx';
import { Loading, NotFound, Problem } from '../app/states.tsx';
import { useRouteSearch } from '../app/use_page_search.ts';
import { FileBrowser } from '../files/file_browser.tsx';
import { anew } from '../files/search.ts';
import { ParamsList } from '../runs/params_list.tsx';
import { MlmodelSection } from './mlmodel_section.tsx';
import { ModelHead } from './model_head.tsx';
import { ModelMetrics } from './model_metrics.tsx';
import { ModelTags } from './model_tags.tsx';
import { useModel, useModelStage } from './queries.ts';
import { text } from './text.ts';

const route = getRouteApi('/signed-in/t/$tenant/models/$modelId');

export function ModelPage() {
  const { modelId } = route.useParams();
  const [search, change] = useRouteSearch(route);
  const { path = '' } = search;
  const { data: model, error, refetch } = useModel(modelId);
  const { restore } = useModelStage(modelId);
  if (isMissing(error)) return <NotFound />;
  if (!model) return error ? <Problem error={error} onRetry={() => void refetch()} /> : <Loading />;
  const isDeleted = model.lifecycle_stage === 'deleted';
  return (
    <Stack>
      <ModelHead model={model} />
      {isDeleted && (
        <Alert color="yellow" variant="light">
          <Group justify="space-between">
            <Text size="sm">{text.deletedLead}</Text>
            <Button size="xs" variant="default" onClick={restore}>
              {text.restore}
            </Button>
          </Group>
        </Alert>
      )}
      <Grid gap="md">
        <Grid.Col span={{ base: 12, md: 7 }}>
          <Stack>
            <ModelMetrics model={model} />
            <ParamsList run={model} search="" />
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 5 }}>
          <Stack>
            {!isDeleted && <MlmodelSection model={model} />}
            <ModelTags model={model} />
          </Stack>
        </Grid.Col>
      </Grid>
      {!isDeleted && (
        <Section title={text.files}>
          <FileBrowser
            source={{ kind: 'model', id: modelId }}
            path={path}
            onOpen={(next) => change({ ...anew, path: next || undefined })}
          />
        </Section>
      )}
    </Stack>
  );
}
