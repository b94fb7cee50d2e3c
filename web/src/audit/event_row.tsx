import { ActionIcon, Badge, Table } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { ChevronDown, ChevronRight } from 'lucide-react';
import { When } from '../app/when.tsx';
import { EventDetails } from './event_details.tsx';
import { text } from './text.ts';
import type { AuditEvent } from './types.ts';

export function EventRow({ event, nameOf }: { readonly event: AuditEvent; readonly nameOf: (id: string) => string }) {
  const [isOpen, { toggle }] = useDisclosure();
  const { actor, action, target, outcome, address } = event;
  const Chevron = isOpen ? ChevronDown : ChevronRight;
  return (
    <>
      <Table.Tr>
        <Table.Td w={36}>
          <ActionIcon
            variant="subtle"
            color="gray"
            size="sm"
            aria-label={text.expand(action)}
            aria-expanded={isOpen}
            onClick={toggle}
          >
            <Chevron size={16} />
          </ActionIcon>
        </Table.Td>
        <Table.Td>
          <When at={event.at} />
        </Table.Td>
        <Table.Td style={{ overflowWrap: 'anywhere' }}>
          {actor.kind === 'system' ? text.system : nameOf(actor.id) || actor.kind}
        </Table.Td>
        <Table.Td ff="monospace" fz="xs">
          {action}
        </Table.Td>
        <Table.Td style={{ overflowWrap: 'anywhere' }}>{nameOf(target)}</Table.Td>
        <Table.Td>{address}</Table.Td>
        <Table.Td>
          <Badge size="sm" variant="light" color={outcome === 'success' ? 'green' : 'red'}>
            {text[outcome]}
          </Badge>
        </Table.Td>
      </Table.Tr>
      {isOpen && (
        <Table.Tr>
          <Table.Td colSpan={7}>
            <EventDetails event={event} />
          </Table.Td>
        </Table.Tr>
      )}
    </>
  );
}
