import { Badge, Button, Stack, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { useAction, useApi, useTenant } from '../api/hooks.ts';
import { meQuery } from '../api/me.ts';
import { useMay } from '../api/rights.ts';
import { offerUndo } from '../app/changes.tsx';
import { Confirm } from '../app/confirm.tsx';
import { ListSearch } from '../app/list_search.tsx';
import { MoreButton } from '../app/more_button.tsx';
import { PageHead } from '../app/page_head.tsx';
import { RoleSelect } from '../app/role_select.tsx';
import { Loading, Problem } from '../app/states.tsx';
import { Takes } from '../app/takes.tsx';
import { useRouteSearch } from '../app/use_page_search.ts';
import { When } from '../app/when.tsx';
import { WideTable } from '../app/wide_table.tsx';
import { Invitations } from './invitations.tsx';
import { InviteForm } from './invite_form.tsx';
import { listKey, type Member, useMembers, useRoleNames } from './queries.ts';
import { text } from './text.ts';

const { members: words } = text;
const route = getRouteApi('/signed-in/t/$tenant/settings/members');

function MemberRow({ member }: { readonly member: Member }) {
  const [api, tenant] = [useApi(), useTenant()];
  const changed = listKey(tenant, 'members');
  const may = useMay();
  const { data: me } = useQuery(meQuery);
  const roles = useRoleNames();
  const [isRemoving, setRemoving] = useState(false);
  const { user_id: id, email, role } = member;
  const name = member.name === '' ? email : member.name;
  const path = { params: { path: { user_id: id } } };
  const setRole = (next: string) => api.PATCH('/members/{user_id}', { ...path, body: { role: next } });
  const changing = useAction(setRole, changed, { isShown: true });
  const restoring = useAction(() => api.POST('/members', { body: { email, role } }), changed);
  return (
    <Table.Tr>
      <Table.Td>
        <Text size="sm" fw={600} component="span">
          {name}
        </Text>{' '}
        {me?.id === id && (
          <Badge size="sm" variant="light">
            {words.you}
          </Badge>
        )}
        {!member.is_active && (
          <Badge size="sm" variant="light" color="gray">
            {words.closed}
          </Badge>
        )}
        {name !== email && (
          <Text size="xs" c="dimmed">
            {email}
          </Text>
        )}
      </Table.Td>
      <Table.Td>
        {may('member:write') ? (
          <RoleSelect
            size="xs"
            miw={150}
            aria-label={words.roleOf(name)}
            roles={roles}
            value={changing.isPending ? changing.variables : role}
            onChange={(next) =>
              changing.mutate(next, {
                onSuccess: () => offerUndo(words.nowIs(name, next), () => changing.mutate(role)),
              })
            }
          />
        ) : (
          role
        )}
      </Table.Td>
      <Table.Td>
        <When at={member.joined_at} />
      </Table.Td>
      <Table.Td ta="right">
        {may('member:delete') && (
          <Button
            variant="default"
            size="compact-sm"
            aria-label={words.removeLabel(name)}
            onClick={() => setRemoving(true)}
          >
            {words.remove}
          </Button>
        )}
        {isRemoving && (
          <Confirm
            title={words.removeTitle(name)}
            button={words.remove}
            changed={changed}
            onConfirm={() => api.DELETE('/members/{user_id}', path)}
            onDone={() => offerUndo(words.removed(name), () => restoring.mutate())}
            onClose={() => setRemoving(false)}
          >
            {words.removeLead}
          </Confirm>
        )}
      </Table.Td>
    </Table.Tr>
  );
}

function Members({ q }: { readonly q: string }) {
  const list = useMembers(q);
  const { data, error, refetch } = list;
  const members = data?.pages.flatMap(({ items }) => items);
  if (error) return <Problem error={error} onRetry={() => void refetch()} />;
  if (members === undefined) return <Loading />;
  if (members.length === 0) return <Text c="dimmed">{words.none}</Text>;
  return (
    <Stack>
      <WideTable label={text.nav.members} minWidth={600} pinsFirst verticalSpacing="xs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{words.person}</Table.Th>
            <Table.Th>{words.role}</Table.Th>
            <Table.Th>{words.joined}</Table.Th>
            <Table.Td />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {members.map((member) => (
            <MemberRow key={member.user_id} member={member} />
          ))}
        </Table.Tbody>
      </WideTable>
      <MoreButton list={list} />
    </Stack>
  );
}

export function MembersPage() {
  const [{ q = '' }, change] = useRouteSearch(route);
  const may = useMay();
  const [isInviting, setInviting] = useState(false);
  return (
    <Stack maw={1000}>
      <PageHead title={text.nav.members}>
        <ListSearch label={words.search} value={q} onChange={(next) => change({ q: next }, true)} />
        {may('member:write') && <Button onClick={() => setInviting(true)}>{words.invite}</Button>}
      </PageHead>
      <Takes permission="member:read">
        <Members q={q} />
        <Invitations />
      </Takes>
      {isInviting && <InviteForm onClose={() => setInviting(false)} />}
    </Stack>
  );
}
