import { Stack, Table, Text, Title } from '@mantine/core';
import { useTenant } from '../api/hooks.ts';
import { ago } from '../app/formats.ts';
import { AnchorLink } from '../app/links.tsx';
import { shownName } from '../app/shown_name.ts';
import { Loading, Problem } from '../app/states.tsx';
import { WideTable } from '../app/wide_table.tsx';
import { EffectBar } from '../library/impact_bars.tsx';
import { useProjectArtifacts, useRecommendations } from './queries.ts';
import { text } from './text.ts';

/** What a project took from the library, gave to it, and might take. */
export function ArtifactsTab({ projectId }: { readonly projectId: string }) {
  const { data, error } = useProjectArtifacts(projectId);
  if (error) return <Problem error={error} />;
  if (!data) return <Loading />;
  const used = data.used.map(({ used_at: at, ...rest }) => ({ ...rest, at }));
  const produced = data.produced.map(({ created_at: at, ...rest }) => ({ ...rest, at }));
  return (
    <Stack>
      <ArtifactList title={text.usedArtifacts} none={text.noUsed} artifacts={used} />
      <ArtifactList title={text.producedArtifacts} none={text.noProduced} artifacts={produced} />
      <Recommended projectId={projectId} />
    </Stack>
  );
}

interface Listed {
  readonly artifact_id: string;
  readonly name: string;
  readonly type: string;
  readonly version: string;
  readonly at: string;
}

function ArtifactList(props: { readonly title: string; readonly none: string; readonly artifacts: readonly Listed[] }) {
  const { title, none, artifacts } = props;
  return (
    <Stack gap="xs">
      <Title order={2} size="h5">
        {title}
      </Title>
      {artifacts.length === 0 && <Text c="dimmed">{none}</Text>}
      {artifacts.length > 0 && (
        <WideTable label={title} minWidth={420}>
          <Table.Tbody>
            {artifacts.map(({ artifact_id: artifactId, name, type, version, at }) => (
              <Table.Tr key={`${artifactId}${version}`}>
                <Table.Td>
                  <ArtifactLink artifactId={artifactId} name={name} />
                </Table.Td>
                <Table.Td>{type}</Table.Td>
                <Table.Td>{version}</Table.Td>
                <Table.Td>{ago(Date.parse(at))}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </WideTable>
      )}
    </Stack>
  );
}

const ArtifactLink = ({ artifactId, name }: { readonly artifactId: string; readonly name: string }) => (
  <AnchorLink to="/t/$tenant/library/$artifactId" params={{ tenant: useTenant(), artifactId }}>
    {shownName(name, artifactId)}
  </AnchorLink>
);

function Recommended({ projectId }: { readonly projectId: string }) {
  const { data, error } = useRecommendations(projectId);
  if (error) return <Problem error={error} />;
  if (!data) return <Loading />;
  return (
    <Stack gap="xs">
      <Title order={2} size="h5">
        {text.recommended}
      </Title>
      {data.items.length === 0 && <Text c="dimmed">{text.noRecommended}</Text>}
      {data.items.length > 0 && (
        <WideTable label={text.recommended} minWidth={560}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{text.artifact}</Table.Th>
              <Table.Th>{text.why}</Table.Th>
              <Table.Th w={220}>{text.effect}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {data.items.map(({ artifact_id: artifactId, name, explanation, expected_effect: effect }) => (
              <Table.Tr key={artifactId}>
                <Table.Td>
                  <ArtifactLink artifactId={artifactId} name={name} />
                </Table.Td>
                <Table.Td>
                  <Text size="sm">{explanation}</Text>
                </Table.Td>
                <Table.Td>
                  {effect?.success ? <EffectBar effect={effect.success} outcome="success" /> : text.unknown}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </WideTable>
      )}
    </Stack>
  );
}
