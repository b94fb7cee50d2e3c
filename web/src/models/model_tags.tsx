import { Table } from '@mantine/core';
import { Section } from '../app/section.tsx';
import type { Model } from './queries.ts';
import { text } from './text.ts';

/** The tags of a model; nothing where it has none. */
export function ModelTags({ model }: { readonly model: Model }) {
  const tags = Object.entries(model.tags);
  if (tags.length === 0) return null;
  return (
    <Section title={text.tags} count={tags.length}>
      <Table.ScrollContainer minWidth={280} maxHeight={300}>
        <Table verticalSpacing={4}>
          <Table.Tbody>
            {tags.map(([key, value]) => (
              <Table.Tr key={key}>
                <Table.Th fw={500} style={{ overflowWrap: 'anywhere' }}>
                  {key}
                </Table.Th>
                <Table.Td style={{ overflowWrap: 'anywhere' }}>{value.slice(0, 500)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Section>
  );
}
