import { Kbd, Modal, Table } from '@mantine/core';
import { text } from './text.ts';

/** The keys of the table. */
export const KeysHelp = ({ isOpen, onClose }: { readonly isOpen: boolean; readonly onClose: () => void }) => (
  <Modal opened={isOpen} onClose={onClose} title={text.keys.title}>
    <Table>
      <Table.Tbody>
        {text.keys.list.map(([keys, does]) => (
          <Table.Tr key={keys}>
            <Table.Td>
              <Kbd>{keys}</Kbd>
            </Table.Td>
            <Table.Td>{does}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  </Modal>
);
