import { Button, Code, Group, Progress, Stack, Table, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTenant } from '../api/hooks.ts';
import { useMay } from '../api/rights.ts';
import { saveFile } from '../api/save_file.ts';
import { tellFailure } from '../app/changes.tsx';
import { Defined } from '../app/defined.tsx';
import { DropZone } from '../app/drop_zone.tsx';
import { ago, bytes, count } from '../app/formats.ts';
import { AnchorLink } from '../app/links.tsx';
import { MoreButton } from '../app/more_button.tsx';
import { Loading, Problem } from '../app/states.tsx';
import { WideTable } from '../app/wide_table.tsx';
import { type Artifact, useArtifactChanges, useVersions, type Version } from './queries.ts';
import { text } from './text.ts';

export function VersionTable({ artifact }: { readonly artifact: Artifact }) {
  const id = artifact.artifact_id;
  const may = useMay();
  const list = useVersions(id);
  const { data, error, refetch } = list;
  const versions = data?.pages.flatMap((page) => page.items);
  if (error) return <Problem error={error} onRetry={() => void refetch()} />;
  if (!versions) return <Loading />;
  return (
    <Stack>
      {may('artifact:write') && artifact.is_active && <NewVersion artifactId={id} />}
      {versions.length === 0 && <Text c="dimmed">{text.noVersions}</Text>}
      {versions.length > 0 && (
        <WideTable label={text.tabs.versions} minWidth={720}>
          <Table.Thead>
            <Table.Tr>
              {[text.version, text.size, text.sha, text.from, text.usesHead, text.made, text.download].map((head) => (
                <Table.Th key={head}>{head}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {versions.map((version) => (
              <VersionRow key={version.version} artifactId={id} version={version} />
            ))}
          </Table.Tbody>
        </WideTable>
      )}
      <MoreButton list={list} />
    </Stack>
  );
}

function VersionRow({ artifactId, version }: { readonly artifactId: string; readonly version: Version }) {
  const tenant = useTenant();
  const { sha256, size, run_id: runId, file_name: fileName } = version;
  const path = `/artifacts/${artifactId}/versions/${encodeURIComponent(version.version)}/content`;
  return (
    <Table.Tr>
      <Table.Td fw={600}>{version.version}</Table.Td>
      <Table.Td className="figures">{size === null ? text.none_ : bytes(size)}</Table.Td>
      <Table.Td>
        {sha256 === null ? (
          text.none_
        ) : (
          <Defined by={sha256}>
            <Code>{sha256.slice(0, 12)}</Code>
          </Defined>
        )}
      </Table.Td>
      <Table.Td>
        {runId === null ? (
          (version.storage_path ?? text.none_)
        ) : (
          <AnchorLink to="/t/$tenant/runs/$runId" params={{ tenant, runId }}>
            {version.run_path ?? text.run}
          </AnchorLink>
        )}
      </Table.Td>
      <Table.Td className="figures">{count(version.uses)}</Table.Td>
      <Table.Td>{ago(Date.parse(version.created_at))}</Table.Td>
      <Table.Td>
        {sha256 !== null && (
          <Button
            size="compact-sm"
            variant="default"
            aria-label={`${text.download} ${version.version}`}
            onClick={() => void saveFile(tenant, path, fileName ?? version.version).catch(tellFailure)}
          >
            {text.download}
          </Button>
        )}
      </Table.Td>
    </Table.Tr>
  );
}

/** Uploads a file as the next version. */
function NewVersion({ artifactId }: { readonly artifactId: string }) {
  const { addVersion } = useArtifactChanges();
  const [file, setFile] = useState<File | null>(null);
  const [version, setVersion] = useState('');
  const [share, setShare] = useState(0);
  const send = () => {
    if (!file) return;
    setShare(0);
    addVersion.mutate(
      { id: artifactId, version, file, onProgress: setShare },
      {
        onSuccess: () => {
          setFile(null);
          setVersion('');
        },
      },
    );
  };
  return (
    <Stack gap="xs" maw={640}>
      <DropZone
        says={file ? text.chosen(file.name, bytes(file.size)) : text.dropHere}
        choose={text.file}
        onFile={setFile}
      />
      {file && (
        <Group align="flex-end" gap="xs">
          <TextInput
            label={text.newVersion}
            placeholder={text.versionHint}
            value={version}
            onChange={({ currentTarget }) => setVersion(currentTarget.value)}
          />
          <Button onClick={send} loading={addVersion.isPending}>
            {text.upload}
          </Button>
        </Group>
      )}
      {addVersion.isPending && <Progress value={share * 100} aria-label={text.uploading(share)} />}
      {addVersion.error && <Problem error={addVersion.error} isOfSending />}
    </Stack>
  );
}
