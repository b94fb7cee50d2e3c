import { Badge, Button, Code, Group, Stack, Table, Text } from '@mantine/core';
import { KeyRound } from 'lucide-react';
import { useState } from 'react';
import { tellDone } from '../app/changes.tsx';
import { Confirm } from '../app/confirm.tsx';
import { Defined } from '../app/defined.tsx';
import { Empty } from '../app/empty.tsx';
import { MoreButton } from '../app/more_button.tsx';
import { Loading, Problem } from '../app/states.tsx';
import { When } from '../app/when.tsx';
import { WideTable } from '../app/wide_table.tsx';
import { type Key, type KeyHome, stateOf, useKeys } from './homes.ts';
import { RollKey } from './roll_key.tsx';
import { text } from './text.ts';

function KeyRow({
  home,
  item,
  nameOf,
  mayRoll,
  mayRevoke,
}: {
  readonly home: KeyHome;
  readonly nameOf: (ownerId: string) => string;
  readonly item: Key;
  readonly mayRoll: boolean;
  readonly mayRevoke: boolean;
}) {
  const { id, name, prefix, owner, scopes, expires_at: expires, last_used_at: used, last_used_address: from } = item;
  const [asked, setAsked] = useState<'roll' | 'revoke'>();
  const state = stateOf(item);
  const close = () => setAsked(undefined);
  return (
    <Table.Tr opacity={state === 'holds' ? undefined : 0.75}>
      <Table.Td>
        <Text size="sm" fw={600} style={{ overflowWrap: 'anywhere' }}>
          {name}
        </Text>
      </Table.Td>
      <Table.Td>
        <Code>{`${prefix}…`}</Code>
      </Table.Td>
      {home.showsOwner && <Table.Td>{owner.name ?? nameOf(owner.id)}</Table.Td>}
      <Table.Td>
        {scopes === null ? text.all : <Defined by={scopes.join(', ')}>{text.some(scopes.length)}</Defined>}
      </Table.Td>
      <Table.Td>
        {state === 'holds' ? (
          expires === null ? (
            text.never
          ) : (
            <When at={expires} />
          )
        ) : (
          <Badge variant="light" color="gray" tt="none">
            {text[state]}
          </Badge>
        )}
      </Table.Td>
      <Table.Td>
        {used === null ? text.usedNever : <When at={used} />}
        {from !== null && (
          <Text size="xs" c="dimmed">
            {text.usedFrom(from)}
          </Text>
        )}
      </Table.Td>
      <Table.Td ta="right">
        {state === 'holds' && (
          <Group gap={6} justify="flex-end" wrap="nowrap">
            {mayRoll && (
              <Button
                variant="default"
                size="compact-sm"
                aria-label={text.rollLabel(name)}
                onClick={() => setAsked('roll')}
              >
                {text.roll}
              </Button>
            )}
            {mayRevoke && (
              <Button
                variant="default"
                size="compact-sm"
                aria-label={text.revokeLabel(name)}
                onClick={() => setAsked('revoke')}
              >
                {text.revoke}
              </Button>
            )}
          </Group>
        )}
        {asked === 'roll' && <RollKey home={home} item={item} onClose={close} />}
        {asked === 'revoke' && (
          <Confirm
            title={text.revokeTitle(name)}
            button={text.revoke}
            changed={home.queryKey}
            onConfirm={() => home.revoke(id)}
            onDone={() => tellDone(text.wasRevoked)}
            onClose={close}
          >
            {text.revokeLead}
          </Confirm>
        )}
      </Table.Td>
    </Table.Tr>
  );
}

/** Keys, those that hold first, with the names of whose they are; `may…` is what is offered for each. */
export function KeyList({
  home,
  nameOf = (ownerId) => ownerId,
  mayRoll = () => true,
  mayRevoke = true,
}: {
  readonly home: KeyHome;
  readonly nameOf?: (ownerId: string) => string;
  readonly mayRoll?: (key: Key) => boolean;
  readonly mayRevoke?: boolean;
}) {
  const list = useKeys(home);
  const { data, error, refetch } = list;
  const keys = data?.pages.flatMap(({ items }) => items);
  const sorted = keys?.toSorted((a, b) => Number(stateOf(a) !== 'holds') - Number(stateOf(b) !== 'holds'));
  if (error) return <Problem error={error} onRetry={() => void refetch()} />;
  if (sorted === undefined) return <Loading />;
  if (sorted.length === 0) {
    return (
      <Empty Icon={KeyRound} title={text.none}>
        {text.noneLead}
      </Empty>
    );
  }
  return (
    <Stack>
      <WideTable label={text.key} minWidth={home.showsOwner ? 960 : 840} pinsFirst verticalSpacing="xs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th miw={140}>{text.name}</Table.Th>
            <Table.Th>{text.key}</Table.Th>
            {home.showsOwner && <Table.Th>{text.owner}</Table.Th>}
            <Table.Th>{text.may}</Table.Th>
            <Table.Th>{text.expires}</Table.Th>
            <Table.Th>{text.used}</Table.Th>
            <Table.Td />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {sorted.map((item) => (
            <KeyRow
              key={item.id}
              home={home}
              item={item}
              nameOf={nameOf}
              mayRoll={mayRoll(item)}
              mayRevoke={mayRevoke}
            />
          ))}
        </Table.Tbody>
      </WideTable>
      <MoreButton list={list} />
    </Stack>
  );
}
