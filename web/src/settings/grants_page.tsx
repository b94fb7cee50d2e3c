import { Button, Stack, Table, Text } from '@mantine/core';
import { Handshake } from 'lucide-react';
import { useState } from 'react';
import type { BodyOf } from '../api/contract_types.ts';
import { useAction, useApi, useTenant } from '../api/hooks.ts';
import { useMay } from '../api/rights.ts';
import { offerUndo } from '../app/changes.tsx';
import { Defined } from '../app/defined.tsx';
import { Empty } from '../app/empty.tsx';
import { MoreButton } from '../app/more_button.tsx';
import { PageHead } from '../app/page_head.tsx';
import { Loading, Problem } from '../app/states.tsx';
import { Takes } from '../app/takes.tsx';
import { When } from '../app/when.tsx';
import { WideTable } from '../app/wide_table.tsx';
import { GrantForm } from './grant_form.tsx';
import { useNames } from './people.ts';
import { type Grant, listKey, useGrants } from './queries.ts';
import { text } from './text.ts';

const { grants: words } = text;

function GrantRow({ grant, name }: { readonly grant: Grant; readonly name: string }) {
  const [api, tenant] = [useApi(), useTenant()];
  const changed = listKey(tenant, 'grants');
  const may = useMay();
  const { id, subject, resource, role, permissions } = grant;
  const granting = useAction(() => {
    const given = role === null ? { permissions } : { role };
    return api.POST('/grants', { body: { subject, resource, ...given } as BodyOf<'/grants', 'post'> });
  }, changed);
  const taking = useAction(() => api.DELETE('/grants/{grant_id}', { params: { path: { grant_id: id } } }), changed);
  return (
    <Table.Tr>
      <Table.Td fw={600}>{name}</Table.Td>
      <Table.Td style={{ overflowWrap: 'anywhere' }}>
        {words.kinds[resource.kind]} {resource.id}
      </Table.Td>
      <Table.Td>
        {role === null ? permissions.join(', ') : <Defined by={permissions.join(', ')}>{role}</Defined>}
      </Table.Td>
      <Table.Td>
        <When at={grant.created_at} />
      </Table.Td>
      <Table.Td ta="right">
        {may('role:delete') && (
          <Button
            variant="default"
            size="compact-sm"
            aria-label={words.takeLabel(name)}
            loading={taking.isPending}
            onClick={() =>
              taking.mutate(undefined, { onSuccess: () => offerUndo(words.taken, () => granting.mutate()) })
            }
          >
            {words.take}
          </Button>
        )}
      </Table.Td>
    </Table.Tr>
  );
}

function Grants() {
  const list = useGrants();
  const { data, error, refetch } = list;
  const grants = data?.pages.flatMap(({ items }) => items);
  const nameOf = useNames(grants?.map(({ subject }) => subject.id) ?? []);
  if (error) return <Problem error={error} onRetry={() => void refetch()} />;
  if (grants === undefined) return <Loading />;
  if (grants.length === 0) {
    return (
      <Empty Icon={Handshake} title={words.none}>
        {words.noneLead}
      </Empty>
    );
  }
  return (
    <Stack>
      <WideTable label={text.nav.grants} minWidth={680} pinsFirst verticalSpacing="xs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{words.who}</Table.Th>
            <Table.Th miw={130}>{words.what}</Table.Th>
            <Table.Th>{words.may}</Table.Th>
            <Table.Th>{words.since}</Table.Th>
            <Table.Td />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {grants.map((grant) => (
            <GrantRow key={grant.id} grant={grant} name={nameOf(grant.subject.id)} />
          ))}
        </Table.Tbody>
      </WideTable>
      <MoreButton list={list} />
    </Stack>
  );
}

export function GrantsPage() {
  const may = useMay();
  const [isGranting, setGranting] = useState(false);
  return (
    <Stack maw={1100}>
      <PageHead title={text.nav.grants}>
        {may('role:write') && <Button onClick={() => setGranting(true)}>{words.make}</Button>}
      </PageHead>
      <Text size="sm" c="dimmed">
        {words.lead}
      </Text>
      <Takes permission="role:read">
        <Grants />
      </Takes>
      {isGranting && <GrantForm onClose={() => setGranting(false)} />}
    </Stack>
  );
}
