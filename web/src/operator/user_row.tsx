import { ActionIcon, Badge, Group, Menu, Table } from '@mantine/core';
import { Ellipsis } from 'lucide-react';
import { useState } from 'react';
import { apiOf } from '../api/api.ts';
import { useAction } from '../api/hooks.ts';
import { askAnew } from '../api/query_client.ts';
import { offerUndo, tellDone } from '../app/changes.tsx';
import { Confirm } from '../app/confirm.tsx';
import { ConfirmByTyping } from '../app/confirm_by_typing.tsx';
import { When } from '../app/when.tsx';
import { operatorKeys, type User } from './queries.ts';
import { text } from './text.ts';

const { users: words } = text;

export function UserRow({ user }: { readonly user: User }) {
  const [asked, setAsked] = useState<'factors' | 'remove'>();
  const { id, email, name, is_active: isActive, is_operator: isOperator } = user;
  const path = { params: { path: { user_id: id } } };
  const opening = useAction(
    (open: boolean) => apiOf('').PATCH('/users/{user_id}', { ...path, body: { is_active: open } }),
    operatorKeys.users,
  );
  const ending = useAction(
    async () => (await apiOf('').DELETE('/users/{user_id}/sessions', path)).data.ended,
    operatorKeys.users,
  );
  const remove = async () => {
    await apiOf('').DELETE('/users/{user_id}', path);
    tellDone(words.removed(email));
    setAsked(undefined);
    await askAnew(operatorKeys.users);
  };
  const toggle = () =>
    opening.mutate(!isActive, {
      onSuccess: () =>
        offerUndo(isActive ? words.nowClosed(email) : words.reopened(email), () => opening.mutate(isActive)),
    });
  return (
    <Table.Tr>
      <Table.Td fw={600} style={{ overflowWrap: 'anywhere' }}>
        {email}
      </Table.Td>
      <Table.Td style={{ overflowWrap: 'anywhere' }}>{name}</Table.Td>
      <Table.Td>
        <Group gap={4}>
          <Badge variant="light" color={isActive ? 'green' : 'gray'}>
            {isActive ? words.active : words.closed}
          </Badge>
          {isOperator && <Badge variant="light">{words.operator}</Badge>}
        </Group>
      </Table.Td>
      <Table.Td>
        <When at={user.created_at} />
      </Table.Td>
      <Table.Td ta="right">
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon variant="default" aria-label={words.actions(email)}>
              <Ellipsis size={16} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={toggle}>{isActive ? words.close : words.reopen}</Menu.Item>
            <Menu.Item
              onClick={() => ending.mutate(undefined, { onSuccess: (count) => tellDone(words.sessionsEnded(count)) })}
            >
              {words.sessions}
            </Menu.Item>
            <Menu.Item onClick={() => setAsked('factors')}>{words.factors}</Menu.Item>
            <Menu.Divider />
            <Menu.Item onClick={() => setAsked('remove')}>{words.remove}</Menu.Item>
          </Menu.Dropdown>
        </Menu>
        {asked === 'factors' && (
          <Confirm
            title={words.factorsTitle(email)}
            button={words.factors}
            changed={operatorKeys.users}
            onConfirm={() => apiOf('').DELETE('/users/{user_id}/factors', path)}
            onDone={() => tellDone(words.factorsDone(email))}
            onClose={() => setAsked(undefined)}
          >
            {words.factorsLead}
          </Confirm>
        )}
        {asked === 'remove' && (
          <ConfirmByTyping
            title={words.removeTitle(email)}
            word={email}
            button={words.remove}
            onConfirm={remove}
            onClose={() => setAsked(undefined)}
          >
            {words.removeConsequence}
          </ConfirmByTyping>
        )}
      </Table.Td>
    </Table.Tr>
  );
}
