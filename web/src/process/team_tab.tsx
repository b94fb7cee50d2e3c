import { Button, Group, Stack, Table, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMay } from '../api/rights.ts';
import { offerUndo, tellFailure } from '../app/changes.tsx';
import { figure } from '../app/formats.ts';
import { MoreButton } from '../app/more_button.tsx';
import { Loading, Problem } from '../app/states.tsx';
import { WideTable } from '../app/wide_table.tsx';
import { AddMember } from './add_member.tsx';
import { type Member, useMemberChanges, useMembers } from './queries.ts';
import { text } from './text.ts';

/** Who works on a project; nobody is ranked. */
export function TeamTab({ projectId }: { readonly projectId: string }) {
  const may = useMay();
  const [isAdding, { open, close }] = useDisclosure();
  const list = useMembers(projectId);
  const { data, error, refetch } = list;
  const members = data?.pages.flatMap((page) => page.items);
  if (error) return <Problem error={error} onRetry={() => void refetch()} />;
  if (!members) return <Loading />;
  return (
    <Stack>
      {may('project:write') && (
        <Group>
          <Button variant="default" onClick={open}>
            {text.addMember}
          </Button>
        </Group>
      )}
      {members.length === 0 && <Text c="dimmed">{text.noMembers}</Text>}
      {members.length > 0 && <MemberTable projectId={projectId} members={members} />}
      <MoreButton list={list} />
      {isAdding && <AddMember projectId={projectId} onClose={close} />}
    </Stack>
  );
}

interface MemberTableProps {
  readonly projectId: string;
  readonly members: readonly Member[];
}

function MemberTable({ projectId, members }: MemberTableProps) {
  const may = useMay();
  const { add, remove } = useMemberChanges(projectId);
  const takeOut = (member: Member) => {
    const { name, role, user_id, experience_level, contribution_hours, performance_score } = member;
    const again = { name, role, user_id, experience_level, contribution_hours, performance_score };
    remove.mutate(member.member_id, {
      onSuccess: () => offerUndo(text.removed(name), () => add.mutateAsync(again)),
      onError: tellFailure,
    });
  };
  return (
    <WideTable label={text.teamTitle} minWidth={480}>
      <Table.Thead>
        <Table.Tr>
          {[text.name, text.role, text.experience, text.hoursWorked, text.remove].map((head) => (
            <Table.Th key={head}>{head}</Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {members.map((member) => (
          <Table.Tr key={member.member_id}>
            <Table.Td>{member.name}</Table.Td>
            <Table.Td>{member.role}</Table.Td>
            <Table.Td>{member.experience_level ? text.levels[member.experience_level] : text.unknown}</Table.Td>
            <Table.Td className="figures">
              {member.contribution_hours === null ? text.unknown : figure(member.contribution_hours)}
            </Table.Td>
            <Table.Td>
              {may('project:write') && (
                <Button
                  size="compact-sm"
                  variant="default"
                  aria-label={`${text.remove}: ${member.name}`}
                  onClick={() => takeOut(member)}
                >
                  {text.remove}
                </Button>
              )}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </WideTable>
  );
}
