import { ActionIcon, Button, Group, Stack, Table, Text } from '@mantine/core';
import { Pencil, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useMay } from '../api/rights.ts';
import { byteOrder } from '../app/byte_order.ts';
import { offerUndo } from '../app/changes.tsx';
import { foundIn } from '../app/search_in.ts';
import { Section } from '../app/section.tsx';
import { useDeleteTag, useSetTag } from './mutations.ts';
import { noteTag } from './notes.tsx';
import type { Run } from './queries.ts';
import { TagForm } from './tag_form.tsx';
import { text } from './text.ts';

const isOfSystem = (key: string): boolean => key.startsWith('mlflow.');

/** The tags of a run, to be set and removed; MLflow's own are shown where asked for. */
export function TagsList({ run, search }: { readonly run: Run; readonly search: string }) {
  const [showsAll, setShowsAll] = useState(false);
  const [edited, setEdited] = useState<string>();
  const canWrite = useMay()('run:write') && run.lifecycle_stage === 'active';
  const set = useSetTag(run.run_id);
  const remove = useDeleteTag(run.run_id);
  const all = Object.keys(run.tags).filter((key) => key !== noteTag);
  const keys = all.filter((key) => showsAll || !isOfSystem(key));
  const found = foundIn(keys, search).sort(byteOrder);
  const save = (key: string, value: string) => {
    const before = run.tags[key];
    setEdited(undefined);
    set.mutate(
      { key, value },
      {
        onSuccess: () =>
          offerUndo(text.tagSet(key), () =>
            before === undefined ? remove.mutate(key) : set.mutate({ key, value: before }),
          ),
      },
    );
  };
  const removeTag = (key: string) => {
    const before = run.tags[key] ?? '';
    remove.mutate(key, {
      onSuccess: () => offerUndo(text.tagRemoved(key), () => set.mutate({ key, value: before })),
    });
  };
  const actions = (
    <>
      {all.some(isOfSystem) && (
        <Button size="compact-sm" variant="subtle" onClick={() => setShowsAll(!showsAll)}>
          {text.tagsOfSystem(showsAll)}
        </Button>
      )}
      {canWrite && (
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<Plus size={14} aria-hidden />}
          onClick={() => setEdited('')}
        >
          {text.addTag}
        </Button>
      )}
    </>
  );
  return (
    <Section title={text.tags} count={keys.length} actions={actions}>
      <Stack gap="xs">
        {edited !== undefined && (
          <TagForm
            key={edited}
            tag={edited}
            value={run.tags[edited] ?? ''}
            onSave={save}
            onCancel={() => setEdited(undefined)}
          />
        )}
        {found.length === 0 && (
          <Text size="sm" c="dimmed">
            {keys.length === 0 ? text.noTags : text.noneFound}
          </Text>
        )}
        {found.length > 0 && (
          <Table.ScrollContainer minWidth={280} maxHeight={320}>
            <Table verticalSpacing={4}>
              <Table.Tbody>
                {found.map((key) => (
                  <Table.Tr key={key}>
                    <Table.Th fw={500} style={{ overflowWrap: 'anywhere' }}>
                      {key}
                    </Table.Th>
                    <Table.Td style={{ overflowWrap: 'anywhere' }}>{run.tags[key]?.slice(0, 500)}</Table.Td>
                    <Table.Td w={72}>
                      {canWrite && !isOfSystem(key) && (
                        <Group gap={2} wrap="nowrap" justify="end">
                          <ActionIcon
                            size="sm"
                            variant="subtle"
                            color="gray"
                            aria-label={text.editTag(key)}
                            onClick={() => setEdited(key)}
                          >
                            <Pencil size={14} />
                          </ActionIcon>
                          <ActionIcon
                            size="sm"
                            variant="subtle"
                            color="gray"
                            aria-label={text.removeTag(key)}
                            onClick={() => removeTag(key)}
                          >
                            <Trash2 size={14} />
                          </ActionIcon>
                        </Group>
                      )}
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        )}
      </Stack>
    </Section>
  );
}
