import { Alert, Badge, Card, Group, SimpleGrid, Stack, Tabs, Text } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { ago } from '../app/formats.ts';
import { PageHead } from '../app/page_head.tsx';
import { shownName } from '../app/shown_name.ts';
import { Loading, Problem } from '../app/states.tsx';
import { useRouteSearch } from '../app/use_page_search.ts';
import { ArtifactActions } from './artifact_actions.tsx';
import { ImpactBars } from './impact_bars.tsx';
import { type Artifact, useAnalytics, useArtifact } from './queries.ts';
import { text } from './text.ts';
import { UsageTable } from './usage_table.tsx';
import { VersionTable } from './version_table.tsx';

const LineageView = lazy(() => import('./lineage_view.tsx').then(({ LineageView }) => ({ default: LineageView })));

const route = getRouteApi('/signed-in/t/$tenant/library/$artifactId');

export function ArtifactPage() {
  const { artifactId } = route.useParams();
  const { data, error, refetch } = useArtifact(artifactId);
  if (error) throw error;
  if (!data) return <Loading />;
  return (
    <Stack>
      <PageHead title={shownName(data.name, data.artifact_id)}>
        <ArtifactActions artifact={data} onChanged={() => void refetch()} />
      </PageHead>
      <Facts artifact={data} />
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <Card withBorder>
          <ImpactBars impact={data.impact} />
        </Card>
        <Card withBorder>
          <Note artifactId={artifactId} />
        </Card>
      </SimpleGrid>
      <ArtifactTabs artifact={data} />
    </Stack>
  );
}

function Facts({ artifact }: { readonly artifact: Artifact }) {
  const { type, tags, uses, is_active, deprecation_reason, created_at, description } = artifact;
  return (
    <Stack gap="xs">
      <Group gap="xs">
        <Badge variant="light" tt="none">
          {type}
        </Badge>
        {tags.map((tag) => (
          <Badge key={tag} variant="default" tt="none" fw={500}>
            {tag}
          </Badge>
        ))}
        <Text size="sm" c="dimmed">
          {text.uses(uses)} · {ago(Date.parse(created_at))}
        </Text>
      </Group>
      {!is_active && (
        <Alert color="yellow" title={text.isDeprecated}>
          {deprecation_reason}
        </Alert>
      )}
      {description !== '' && <Text>{description}</Text>}
    </Stack>
  );
}

/** What the estimate says in words, and how projects with and without it went. */
function Note({ artifactId }: { readonly artifactId: string }) {
  const { data, error } = useAnalytics(artifactId);
  if (error) return <Problem error={error} />;
  if (!data) return <Loading />;
  return <Text size="sm">{data.impact_note}</Text>;
}

function ArtifactTabs({ artifact }: { readonly artifact: Artifact }) {
  const [{ tab = 'versions' }, change] = useRouteSearch(route);
  const tabs = ['versions', 'lineage', 'usages'] as const;
  return (
    <Tabs
      value={tab}
      keepMounted={false}
      onChange={(value) => change({ tab: tabs.find((name) => name === value && name !== 'versions') }, true)}
    >
      <Tabs.List>
        {tabs.map((name) => (
          <Tabs.Tab key={name} value={name}>
            {text.tabs[name]}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Tabs.Panel value="versions" pt="md">
        <VersionTable artifact={artifact} />
      </Tabs.Panel>
      <Tabs.Panel value="lineage" pt="md">
        <Suspense fallback={<Loading />}>
          <LineageView artifactId={artifact.artifact_id} />
        </Suspense>
      </Tabs.Panel>
      <Tabs.Panel value="usages" pt="md">
        <UsageTable artifactId={artifact.artifact_id} />
      </Tabs.Panel>
    </Tabs>
  );
}
