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
import { useTenants } from './queries.ts';
import { TenantForm } from './tenant_form.tsx';
import { TenantRow } from './tenant_row.tsx';
import { text } from './text.ts';

const { tenants: words } = text;
const route = getRouteApi('/signed-in/operator/tenants');

function Tenants({ q }: { readonly q: string }) {
  const list = useTenants(q);
  const { data, error, refetch } = list;
  const tenants = data?.pages.flatMap(({ items }) => items);
  if (error) return <Problem error={error} onRetry={() => void refetch()} />;
  if (tenants === undefined) return <Loading />;
  if (tenants.length === 0) return <Text c="dimmed">{words.none}</Text>;
  return (
    <Stack>
      <WideTable label={words.title} minWidth={820} pinsFirst verticalSpacing="xs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{words.slug}</Table.Th>
            <Table.Th>{words.name}</Table.Th>
            <Table.Th>{words.state}</Table.Th>
            <Table.Th>{words.since}</Table.Th>
            <Table.Td />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {tenants.map((tenant) => (
            <TenantRow key={tenant.id} tenant={tenant} />
          ))}
        </Table.Tbody>
      </WideTable>
      <MoreButton list={list} />
    </Stack>
  );
}

export function TenantsPage() {
  const [{ q = '' }, change] = useRouteSearch(route);
  const [isMaking, setMaking] = useState(false);
  return (
    <Stack maw={1200}>
      <PageHead title={words.title}>
        <ListSearch label={words.search} value={q} onChange={(next) => change({ q: next }, true)} />
        <Button onClick={() => setMaking(true)}>{words.make}</Button>
      </PageHead>
      <OperatorsOnly>
        <Tenants q={q} />
      </OperatorsOnly>
      {isMaking && <TenantForm onClose={() => setMaking(false)} />}
    </Stack>
  );
}
