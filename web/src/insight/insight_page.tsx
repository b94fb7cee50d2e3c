import { Alert, Button, Stack, Tabs, Text } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { Telescope } from 'lucide-react';
import { useTenant } from '../api/hooks.ts';
import { useMay } from '../api/rights.ts';
import { tellFailure } from '../app/changes.tsx';
import { Empty } from '../app/empty.tsx';
import { ago } from '../app/formats.ts';
import { AnchorLink } from '../app/links.tsx';
import { PageHead } from '../app/page_head.tsx';
import { Loading, Problem } from '../app/states.tsx';
import { useRouteSearch } from '../app/use_page_search.ts';
import { ModelVersions } from './model_versions.tsx';
import { OutcomePanel } from './outcome_panel.tsx';
import { useModel, useTrain } from './queries.ts';
import { text } from './text.ts';

const route = getRouteApi('/signed-in/t/$tenant/insight');

/** How far what was learned can be trusted. */
export function InsightPage() {
  const [search, change] = useRouteSearch(route);
  const may = useMay();
  const { data: model, error, refetch } = useModel();
  const train = useTrain();
  const shown = model?.outcomes.find((one) => one.outcome === search.outcome) ?? model?.outcomes[0];
  return (
    <Stack>
      <PageHead title={text.title}>
        {may('project:write') && (
          <Button
            variant="default"
            loading={train.isPending}
            onClick={() => train.mutate(undefined, { onError: tellFailure })}
          >
            {text.train}
          </Button>
        )}
      </PageHead>
      {error && <Problem error={error} onRetry={() => void refetch()} />}
      {!model && !error && <Loading />}
      {model && !shown && <Nothing />}
      {model && shown && (
        <>
          {model.version !== null && model.trained_at !== null && (
            <Text size="sm" c="dimmed">
              {text.version(model.version, ago(Date.parse(model.trained_at)))} · {text.method}
            </Text>
          )}
          <Tabs
            value={shown.outcome}
            keepMounted={false}
            onChange={(value) => change({ outcome: value as typeof shown.outcome }, true)}
          >
            <Tabs.List>
              {model.outcomes.map((one) => (
                <Tabs.Tab key={one.outcome} value={one.outcome}>
                  {text.outcomes[one.outcome]}
                </Tabs.Tab>
              ))}
            </Tabs.List>
            {model.outcomes.map((one) => (
              <Tabs.Panel key={one.outcome} value={one.outcome} pt="md">
                {one.is_thin && (
                  <Alert color="yellow" variant="light" mb="md">
                    {text.thin}
                  </Alert>
                )}
                <OutcomePanel model={one} />
              </Tabs.Panel>
            ))}
          </Tabs>
          <ModelVersions />
        </>
      )}
    </Stack>
  );
}

function Nothing() {
  const tenant = useTenant();
  return (
    <Empty Icon={Telescope} title={text.noneTitle}>
      <Stack align="center">
        {text.none}
        <AnchorLink to="/t/$tenant/import" params={{ tenant }}>
          {text.importPast}
        </AnchorLink>
      </Stack>
    </Empty>
  );
}
