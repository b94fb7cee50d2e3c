import { Button, Stack, Table, Text } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { ListSearch } from '../app/list_search.tsx';
import { MoreButton } from '../app/more_button.tsx';
import { PageHead } from '../app/page_head.tsx';
import { Loading, Problem } from '../app/states.tsx';
import { useRouteSearch } from '../app/use_page_search.ts';
import { WideTable } from '../app/wide_table.tsx';
import { OperatorsOnly } from './operators_only.tsx';
import { useUsers } from './queries.ts';
import { text } from './text.ts';
import { UserForm } from './user_form.tsx';
import { UserRow } from './user_row.tsx';

const { users: words } = text;
const route = getRouteApi('/signed-in/operator/users');

function Users({ q }: { readonly q: string }) {
  const list = useUsers(q);
  const { data, error, refetch } = list;
  const users = data?.pages.flatMap(({ items }) => items);
  if (error) return <Problem error={error} onRetry={() => void refetch()} />;
  if (users === undefined) return <Loading />;
  if (users.length === 0) return <Text c="dimmed">{words.none}</Text>;
  return (
    <Stack>
      <WideTable label={words.title} minWidth={720} pinsFirst verticalSpacing="xs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{words.email}</Table.Th>
            <Table.Th miw={140}>{words.name}</Table.Th>
            <Table.Th>{words.state}</Table.Th>
            <Table.Th>{words.since}</Table.Th>
            <Table.Td />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {users.map((user) => (
            <UserRow key={user.id} user={user} />
          ))}
        </Table.Tbody>
      </WideTable>
      <MoreButton list={list} />
    </Stack>
  );
}

export function UsersPage() {
  const [{ q = '' }, change] = useRouteSearch(route);
  const [isMaking, setMaking] = useState(false);
  return (
    <Stack maw={1100}>
      <PageHead title={words.title}>
        <ListSearch label={words.search} value={q} onChange={(next) => change({ q: next }, true)} />
        <Button onClick={() => setMaking(true)}>{words.make}</Button>
      </PageHead>
      <OperatorsOnly>
        <Users q={q} />
      </OperatorsOnly>
      {isMaking && <UserForm onClose={() => setMaking(false)} />}
    </Stack>
  );
}
