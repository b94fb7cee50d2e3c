import { Alert, Button, Group, Stack, Table, Text, TextInput } from '@mantine/core';
import { keepPreviousData, useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { saveFile } from '../api/save_file.ts';
import { tellFailure } from '../app/changes.tsx';
import { MoreButton } from '../app/more_button.tsx';
import { Loading, Problem } from '../app/states.tsx';
import { WideTable } from '../app/wide_table.tsx';
import { EventRow } from './event_row.tsx';
import { paramsOf, readQualifiers } from './qualifiers.ts';
import { text } from './text.ts';
import type { AuditEvent, LogHome } from './types.ts';

/** Gives the names of those whom rows name, by their ids. */
export type UseNames = (ids: readonly string[]) => (id: string) => string;

const formats = ['csv', 'jsonl'] as const;

/** `params` are those of the search that is shown; there is nothing to export until it is. */
function Tools({
  home,
  params,
}: {
  readonly home: LogHome;
  readonly params: Readonly<Record<string, string>> | undefined;
}) {
  const verifying = useMutation({ mutationFn: home.verify, onError: tellFailure });
  const exporting = useMutation({
    mutationFn: (format: (typeof formats)[number]) =>
      saveFile(home.tenant, `${home.path}/export?${new URLSearchParams({ format, ...params })}`, `audit.${format}`),
    onError: tellFailure,
  });
  const { data } = verifying;
  return (
    <Stack gap="xs">
      <Group gap="xs">
        {formats.map((format) => (
          <Button
            key={format}
            size="xs"
            variant="default"
            disabled={params === undefined}
            loading={exporting.isPending && exporting.variables === format}
            onClick={() => exporting.mutate(format)}
          >
            {text.export(format.toUpperCase())}
          </Button>
        ))}
        <Button size="xs" variant="default" loading={verifying.isPending} onClick={() => verifying.mutate()}>
          {text.verify}
        </Button>
      </Group>
      {data && (
        <Alert color={data.ok ? 'green' : 'red'} variant="light">
          {data.fault ? text.broken(data.fault.seq, data.fault.reason) : text.verified(data.checked)}
        </Alert>
      )}
    </Stack>
  );
}

/** A log, searched by qualifiers; `q` stands in the address, so that a search can be shared. */
export function AuditLog({
  home,
  q,
  onSearch,
  useNames,
}: {
  readonly home: LogHome;
  readonly q: string;
  readonly onSearch: (q: string) => void;
  readonly useNames: UseNames;
}) {
  const [typed, setTyped] = useState(q);
  const { asked, faults } = readQualifiers(q);
  const query = useInfiniteQuery({
    queryKey: [...home.queryKey, q],
    queryFn: async ({ pageParam, signal }) => {
      const { actor } = asked;
      const exact = actor === undefined ? asked : { ...asked, actor: await home.actorOf(actor) };
      return { ...(await home.list(exact, pageParam, signal)), params: paramsOf(exact) };
    },
    initialPageParam: '',
    getNextPageParam: (page) => page.next_page_token,
    placeholderData: keepPreviousData,
    enabled: faults.length === 0,
  });
  const { data, error, refetch, isPlaceholderData } = query;
  const isShown = faults.length === 0 && !error && !isPlaceholderData;
  const events: readonly AuditEvent[] | undefined = data?.pages.flatMap(({ items }) => items);
  const nameOf = useNames(events?.flatMap(({ actor, target }) => [actor.id, target]) ?? []);
  return (
    <Stack>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onSearch(typed.trim());
        }}
      >
        <TextInput
          value={typed}
          onChange={({ currentTarget }) => setTyped(currentTarget.value)}
          label={text.search}
          description={text.qualifiers}
          placeholder={text.hint}
          error={faults.length > 0 ? faults.join(' ') : undefined}
          type="search"
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
          spellCheck={false}
          autoCapitalize="off"
        />
      </form>
      <Tools home={home} params={isShown ? data?.pages[0]?.params : undefined} />
      {error && <Problem error={error} onRetry={() => void refetch()} />}
      {faults.length === 0 && !events && !error && <Loading />}
      {events?.length === 0 && <Text c="dimmed">{text.none}</Text>}
      {events !== undefined && events.length > 0 && faults.length === 0 && !error && (
        <WideTable label={text.rows} minWidth={900} verticalSpacing={6}>
          <Table.Thead>
            <Table.Tr>
              <Table.Td />
              <Table.Th>{text.when}</Table.Th>
              <Table.Th miw={170}>{text.who}</Table.Th>
              <Table.Th>{text.action}</Table.Th>
              <Table.Th miw={170}>{text.target}</Table.Th>
              <Table.Th>{text.from}</Table.Th>
              <Table.Th>{text.outcome}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {events.map((event) => (
              <EventRow key={event.id} event={event} nameOf={nameOf} />
            ))}
          </Table.Tbody>
        </WideTable>
      )}
      <MoreButton list={query} />
    </Stack>
  );
}
