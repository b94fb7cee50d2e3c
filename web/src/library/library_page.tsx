import { Badge, Button, Group, Stack, Table, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { getRouteApi } from '@tanstack/react-router';
import { Library, SearchX } from 'lucide-react';
import { useMay } from '../api/rights.ts';
import { Empty } from '../app/empty.tsx';
import { count } from '../app/formats.ts';
import { AnchorLink } from '../app/links.tsx';
import { MoreButton } from '../app/more_button.tsx';
import { PageHead } from '../app/page_head.tsx';
import { shownName } from '../app/shown_name.ts';
import { Loading, Problem } from '../app/states.tsx';
import { WideTable } from '../app/wide_table.tsx';
import { AddArtifact } from './add_artifact.tsx';
import { EffectBar } from './impact_bars.tsx';
import { LibraryFilters } from './library_filters.tsx';
import { type Artifact, useArtifactSearch } from './queries.ts';
import { text } from './text.ts';

const route = getRouteApi('/signed-in/t/$tenant/library');

export function LibraryPage() {
  const { q = '', type = '', tags = [], order = 'best', impact = 0, deprecated = false } = route.useSearch();
  const may = useMay();
  const [isAdding, { open, close }] = useDisclosure();
  const search = useArtifactSearch({
    ...(q.trim() === '' ? {} : { q }),
    ...(type === '' ? {} : { type }),
    ...(tags.length === 0 ? {} : { tags: [...tags] }),
    ...(impact > 0 ? { min_impact: impact } : {}),
    ...(q.trim() === '' && order === 'relevance' ? {} : { order_by: order }),
    active_only: !deprecated,
  });
  const found = search.data?.pages.flatMap((page) => page.items);
  const isFiltered = q !== '' || type !== '' || tags.length > 0 || impact > 0;
  return (
    <Stack>
      <PageHead title={text.title}>{may('artifact:write') && <Button onClick={open}>{text.add}</Button>}</PageHead>
      <LibraryFilters />
      {search.error && <Problem error={search.error} onRetry={() => void search.refetch()} />}
      {!found && !search.error && <Loading />}
      {found && found.length > 0 && <ArtifactTable artifacts={found} />}
      {found?.length === 0 &&
        (isFiltered ? (
          <Empty Icon={SearchX} title={text.notFoundTitle}>
            {text.notFound}
          </Empty>
        ) : (
          <Empty Icon={Library} title={text.noneTitle}>
            {text.none}
          </Empty>
        ))}
      <MoreButton list={search} />
      {isAdding && <AddArtifact onClose={close} />}
    </Stack>
  );
}

function ArtifactTable({ artifacts }: { readonly artifacts: readonly Artifact[] }) {
  return (
    <WideTable label={text.title} minWidth={720} verticalSpacing="sm" highlightOnHover>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{text.name}</Table.Th>
          <Table.Th>{text.type}</Table.Th>
          <Table.Th>{text.usesHead}</Table.Th>
          <Table.Th w={220}>{text.impactHead}</Table.Th>
          <Table.Th>{text.latest}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {artifacts.map((artifact) => (
          <ArtifactRow key={artifact.artifact_id} artifact={artifact} />
        ))}
      </Table.Tbody>
    </WideTable>
  );
}

function ArtifactRow({ artifact }: { readonly artifact: Artifact }) {
  const { tenant } = route.useParams();
  const { artifact_id: artifactId, name, type, description, tags, uses, impact, latest_version, is_active } = artifact;
  return (
    <Table.Tr>
      <Table.Td maw={420}>
        <Group gap="xs">
          <AnchorLink to="/t/$tenant/library/$artifactId" params={{ tenant, artifactId }} fw={600}>
            {shownName(name, artifactId)}
          </AnchorLink>
          {!is_active && (
            <Badge color="gray" variant="outline">
              {text.isDeprecated}
            </Badge>
          )}
          {tags.slice(0, 6).map((tag) => (
            <Badge key={tag} variant="default" tt="none" fw={500}>
              {tag}
            </Badge>
          ))}
        </Group>
        <Text size="sm" c="dimmed" lineClamp={1}>
          {description}
        </Text>
      </Table.Td>
      <Table.Td>{type}</Table.Td>
      <Table.Td className="figures">{count(uses)}</Table.Td>
      <Table.Td>
        {impact?.success ? (
          <EffectBar effect={impact.success} outcome="success" />
        ) : (
          <Text c="dimmed">{text.noImpact}</Text>
        )}
      </Table.Td>
      <Table.Td>{latest_version ?? text.none_}</Table.Td>
    </Table.Tr>
  );
}
