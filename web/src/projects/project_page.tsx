import { Button, Code, Spoiler, Stack, Tabs, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { getRouteApi } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { useMay } from '../api/rights.ts';
import { PageHead } from '../app/page_head.tsx';
import { shownName } from '../app/shown_name.ts';
import { Loading } from '../app/states.tsx';
import { useRouteSearch } from '../app/use_page_search.ts';
import { asItIs } from '../prediction/search.ts';
import { ArtifactsTab } from './artifacts_tab.tsx';
import { EditProject } from './edit_project.tsx';
import { ProjectFacts } from './project_facts.tsx';
import { type ProjectDetail, useProject } from './queries.ts';
import { RecordOutcome } from './record_outcome.tsx';
import { text } from './text.ts';
import { WorkTab } from './work_tab.tsx';

const PredictionTab = lazy(() =>
  import('../prediction/prediction_tab.tsx').then((m) => ({ default: m.PredictionTab })),
);
const ProcessTab = lazy(() => import('../process/process_tab.tsx').then((m) => ({ default: m.ProcessTab })));
const TeamTab = lazy(() => import('../process/team_tab.tsx').then((m) => ({ default: m.TeamTab })));

const route = getRouteApi('/signed-in/t/$tenant/projects/$projectId');
const tabs = ['work', 'prediction', 'process', 'team', 'artifacts'] as const;

export function ProjectPage() {
  const { projectId } = route.useParams();
  const { data: project, error } = useProject(projectId);
  const may = useMay();
  const [isEditing, edit] = useDisclosure();
  const [isEnding, end] = useDisclosure();
  if (error) throw error;
  if (!project) return <Loading />;
  return (
    <Stack>
      <PageHead title={shownName(project.name, project.project_id)}>
        {may('project:write') && (
          <>
            <Button variant="default" onClick={edit.open}>
              {text.edit}
            </Button>
            <Button onClick={end.open}>{text.outcome}</Button>
          </>
        )}
      </PageHead>
      <ProjectFacts project={project} />
      <Metadata project={project} />
      <ProjectTabs project={project} />
      {isEditing && <EditProject project={project} onClose={edit.close} />}
      {isEnding && <RecordOutcome project={project} onClose={end.close} />}
    </Stack>
  );
}

function Metadata({ project: { metadata } }: { readonly project: ProjectDetail }) {
  if (Object.keys(metadata).length === 0) return null;
  return (
    <Stack gap={4}>
      <Text size="sm" fw={600}>
        {text.metadata}
      </Text>
      <Spoiler maxHeight={96} showLabel={text.more} hideLabel={text.less}>
        <Code block>{JSON.stringify(metadata, null, 2)}</Code>
      </Spoiler>
    </Stack>
  );
}

function ProjectTabs({ project }: { readonly project: ProjectDetail }) {
  const [{ tab = 'work' }, change] = useRouteSearch(route);
  const id = project.project_id;
  const go = (value: string | null) => {
    const next = tabs.find((name) => name === value && name !== 'work');
    // How it is thought otherwise is so for as long as that is looked at.
    change({ ...asItIs, tab: next }, true);
  };
  return (
    <Tabs value={tab} keepMounted={false} onChange={go}>
      <Tabs.List>
        {tabs.map((name) => (
          <Tabs.Tab key={name} value={name}>
            {text.tabs[name]}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {tabs.map((name) => (
        <Tabs.Panel key={name} value={name} pt="md">
          <Suspense fallback={<Loading />}>
            {name === 'work' && <WorkTab project={project} />}
            {name === 'prediction' && <PredictionTab project={project} />}
            {name === 'process' && <ProcessTab projectId={id} />}
            {name === 'team' && <TeamTab projectId={id} />}
            {name === 'artifacts' && <ArtifactsTab projectId={id} />}
          </Suspense>
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}
