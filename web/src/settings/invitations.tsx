import { Button, Table, Text } from '@mantine/core';
import { useAction, useApi, useTenant } from '../api/hooks.ts';
import { useMay } from '../api/rights.ts';
import { offerUndo } from '../app/changes.tsx';
import { MoreButton } from '../app/more_button.tsx';
import { Section } from '../app/section.tsx';
import { Problem } from '../app/states.tsx';
import { When } from '../app/when.tsx';
import { WideTable } from '../app/wide_table.tsx';
import { type Invitation, listKey, useInvitations } from './queries.ts';
import { text } from './text.ts';

const { members: words } = text;

function InvitationRow({ invitation: { id, email, role, expires_at: expires } }: { readonly invitation: Invitation }) {
  const [api, tenant] = [useApi(), useTenant()];
  const changed = listKey(tenant, 'invitations');
  const may = useMay();
  const inviting = useAction(() => api.POST('/members/invite', { body: { email, role } }), changed);
  const withdrawing = useAction(
    () => api.DELETE('/invitations/{invitation_id}', { params: { path: { invitation_id: id } } }),
    changed,
  );
  return (
    <Table.Tr>
      <Table.Td style={{ overflowWrap: 'anywhere' }}>{email}</Table.Td>
      <Table.Td>{role}</Table.Td>
      <Table.Td>
        <When at={expires} />
      </Table.Td>
      <Table.Td ta="right">
        {may('member:write') && (
          <Button
            variant="default"
            size="compact-sm"
            aria-label={words.withdrawLabel(email)}
            loading={withdrawing.isPending}
            onClick={() =>
              withdrawing.mutate(undefined, {
                onSuccess: () => offerUndo(words.withdrawn(email), () => inviting.mutate()),
              })
            }
          >
            {words.withdraw}
          </Button>
        )}
      </Table.Td>
    </Table.Tr>
  );
}

export function Invitations() {
  const list = useInvitations();
  const { data, error, refetch } = list;
  const invitations = data?.pages.flatMap(({ items }) => items);
  return (
    <Section title={words.invitations}>
      {error && <Problem error={error} onRetry={() => void refetch()} />}
      {invitations?.length === 0 && (
        <Text size="sm" c="dimmed">
          {words.noInvitations}
        </Text>
      )}
      {invitations !== undefined && invitations.length > 0 && (
        <WideTable label={words.invitationList} minWidth={520} pinsFirst verticalSpacing="xs">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{words.email}</Table.Th>
              <Table.Th>{words.role}</Table.Th>
              <Table.Th>{words.expires}</Table.Th>
              <Table.Td />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {invitations.map((invitation) => (
              <InvitationRow key={invitation.id} invitation={invitation} />
            ))}
          </Table.Tbody>
        </WideTable>
      )}
      <MoreButton list={list} />
    </Section>
  );
}
