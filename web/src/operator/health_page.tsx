import { Badge, SimpleGrid, Stack, Table, Text } from '@mantine/core';
import { bytes, count, duration } from '../app/formats.ts';
import { PageHead } from '../app/page_head.tsx';
import { Section } from '../app/section.tsx';
import { Loading, Problem } from '../app/states.tsx';
import { When } from '../app/when.tsx';
import { WideTable } from '../app/wide_table.tsx';
import { FactTable } from './fact_table.tsx';
import { OperatorsOnly } from './operators_only.tsx';
import { useEncryptionKey, useHealth, useStays } from './queries.ts';
import { text } from './text.ts';

const { health: words } = text;

type Health = NonNullable<ReturnType<typeof useHealth>['data']>;

function Erasures({ erasures }: { readonly erasures: Health['jobs']['erasures'] }) {
  if (erasures.length === 0) return <Text size="sm">{words.noErasures}</Text>;
  return (
    <WideTable label={words.erasures} minWidth={620} verticalSpacing={4}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{words.erasures}</Table.Th>
          <Table.Th>{words.began}</Table.Th>
          <Table.Th>{words.ended}</Table.Th>
          <Table.Th>{words.erased}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {erasures.map(({ id, kind, began_at: began, finished_at: ended, erased }) => (
          <Table.Tr key={id}>
            <Table.Td title={id}>{words.kind[kind]}</Table.Td>
            <Table.Td>
              <When at={began} />
            </Table.Td>
            <Table.Td>{ended === null ? words.underWay : <When at={ended} />}</Table.Td>
            <Table.Td>
              {Object.entries(erased)
                .map(([what, many]) => `${what.replaceAll('_', ' ')} ${count(many)}`)
                .join(', ')}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </WideTable>
  );
}

function Stays() {
  const { data: stays } = useStays();
  return (
    <Section title={words.stays}>
      {stays?.length === 0 && <Text size="sm">{words.noStays}</Text>}
      {stays?.map(({ user_id: id, email, tenant, role, reason, expires_at: end }) => (
        <Text key={`${id} ${tenant}`} size="sm">
          <b>{email}</b> · {tenant} ({role}) · {reason} · <When at={end} />
        </Text>
      ))}
    </Section>
  );
}

function Report() {
  const { data, error, refetch } = useHealth();
  const { data: sealing } = useEncryptionKey();
  if (error) return <Problem error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <Loading />;
  const { versions, database, secrets, waiting, jobs } = data;
  const { busy, idle, waiting: waited } = database.connections;
  return (
    <Stack>
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <Section title={words.process}>
          <FactTable
            facts={[
              [words.since, <When key="since" at={data.started_at} />],
              [words.processes, count(data.processes)],
              [words.memory, bytes(data.memory_bytes)],
              [words.versions, words.versionsOf(versions.node, versions.mlflow_protocol)],
            ]}
          />
        </Section>
        <Section title={words.database}>
          <FactTable
            facts={[
              [words.answers, words.ms(database.answer_ms)],
              [words.size, bytes(database.size_bytes)],
              [words.version, versions.database],
              [words.connections, words.connectionsOf(busy, idle, waited)],
            ]}
          />
        </Section>
        <Section
          title={words.secrets}
          actions={
            <Badge variant="light" color={secrets.failures === 0 ? 'green' : 'red'}>
              {secrets.failures === 0 ? words.ok : words.secretsFail(secrets.failures)}
            </Badge>
          }
        >
          <FactTable facts={[[words.secretsRead, words.secretsAgo(duration(secrets.age_seconds * 1000))]]} />
          {secrets.fault !== null && (
            <Text size="sm" c="error">
              {secrets.fault}
            </Text>
          )}
        </Section>
        <Section title={words.waiting}>
          <FactTable
            facts={[
              [words.writes, count(waiting.writes)],
              [words.requests, count(waiting.requests)],
            ]}
          />
        </Section>
      </SimpleGrid>
      <Section title={words.jobs}>
        <FactTable
          facts={[
            [words.copies, count(jobs.audit_copies)],
            [words.sealing, sealing ? count(sealing.pending) : '…'],
          ]}
        />
        <Erasures erasures={jobs.erasures} />
      </Section>
      <Stays />
    </Stack>
  );
}

export const HealthPage = () => (
  <Stack maw={1100}>
    <PageHead title={words.title} />
    <Text size="sm" c="dimmed">
      {words.lead}
    </Text>
    <OperatorsOnly>
      <Report />
    </OperatorsOnly>
  </Stack>
);
