import { Button, Stack, Table, Text } from '@mantine/core';
import { Bot } from 'lucide-react';
import { useState } from 'react';
import { useTenant } from '../api/hooks.ts';
import { useMay } from '../api/rights.ts';
import { Empty } from '../app/empty.tsx';
import { MoreButton } from '../app/more_button.tsx';
import { PageHead } from '../app/page_head.tsx';
import { Section } from '../app/section.tsx';
import { Loading, Problem } from '../app/states.tsx';
import { Takes } from '../app/takes.tsx';
import { WideTable } from '../app/wide_table.tsx';
import { tenantKeys, useKeys } from '../keys/homes.ts';
import { KeyList } from '../keys/key_list.tsx';
import { AccountForm } from './account_form.tsx';
import { AccountRow } from './account_row.tsx';
import { useNames } from './people.ts';
import { useAccounts } from './queries.ts';
import { text } from './text.ts';

const { machines: words } = text;

function Accounts() {
  const list = useAccounts();
  const { data, error, refetch } = list;
  const accounts = data?.pages.flatMap(({ items }) => items);
  if (error) return <Problem error={error} onRetry={() => void refetch()} />;
  if (accounts === undefined) return <Loading />;
  if (accounts.length === 0) {
    return (
      <Empty Icon={Bot} title={words.none}>
        {words.noneLead}
      </Empty>
    );
  }
  return (
    <Stack>
      <WideTable label={text.nav.machines} minWidth={700} pinsFirst verticalSpacing="xs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{words.name}</Table.Th>
            <Table.Th>{words.role}</Table.Th>
            <Table.Th>{words.state}</Table.Th>
            <Table.Td />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {accounts.map((account) => (
            <AccountRow key={account.id} account={account} />
          ))}
        </Table.Tbody>
      </WideTable>
      <MoreButton list={list} />
    </Stack>
  );
}

function Keys() {
  const home = tenantKeys(useTenant());
  const may = useMay();
  const { data } = useKeys(home);
  const nameOf = useNames(data?.pages.flatMap(({ items }) => items.map(({ owner }) => owner.id)) ?? []);
  return (
    <KeyList
      home={home}
      nameOf={nameOf}
      mayRoll={({ owner }) => owner.kind === 'service_account' && may('key:write')}
      mayRevoke={may('key:delete')}
    />
  );
}

export function MachinesPage() {
  const may = useMay();
  const [isMaking, setMaking] = useState(false);
  return (
    <Stack maw={1100}>
      <PageHead title={text.nav.machines}>
        {may('key:write') && <Button onClick={() => setMaking(true)}>{words.make}</Button>}
      </PageHead>
      <Text size="sm" c="dimmed">
        {words.lead}
      </Text>
      <Takes permission="key:read">
        <Accounts />
        <Section title={words.keys} lead={words.keysLead}>
          <Keys />
        </Section>
      </Takes>
      {isMaking && <AccountForm onClose={() => setMaking(false)} />}
    </Stack>
  );
}
