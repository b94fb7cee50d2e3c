import { Button, CloseButton, Group, Paper, Popover, Stack, Text, TextInput } from '@mantine/core';
import { GitCompareArrows, RotateCcw, Tag, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useMay } from '../api/rights.ts';
import type { Actions } from './actions.ts';
import type { Selection } from './selection.ts';
import { text } from './text.ts';

function TagForm({ onTag }: { readonly onTag: (key: string, value: string) => void }) {
  const [isOpen, setOpen] = useState(false);
  const [key, setKey] = useState('');
  const [value, setValue] = useState('');
  return (
    <Popover opened={isOpen} onChange={setOpen} trapFocus withinPortal>
      <Popover.Target>
        <Button
          size="xs"
          variant="default"
          leftSection={<Tag size={14} aria-hidden />}
          onClick={() => setOpen(!isOpen)}
        >
          {text.select.tag}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            setOpen(false);
            onTag(key, value);
          }}
        >
          <Stack gap="xs">
            <TextInput label={text.select.key} required value={key} onChange={(e) => setKey(e.currentTarget.value)} />
            <TextInput label={text.select.value} value={value} onChange={(e) => setValue(e.currentTarget.value)} />
            <Button type="submit" size="xs">
              {text.select.setTag}
            </Button>
          </Stack>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}

/** What can be done with the runs that are selected. */
export function BulkBar(props: {
  readonly selection: Selection;
  readonly isDeleted: boolean;
  readonly actions: Actions;
}) {
  const { selection, isDeleted, actions } = props;
  const may = useMay();
  const mayWrite = may('run:write');
  const mayDelete = may('run:delete');
  const ids = [...selection.ids];
  const then = (act: () => unknown) => () => {
    act();
    selection.clear();
  };
  if (ids.length === 0) return null;
  return (
    <Paper withBorder px="sm" py={6} role="region" aria-label={text.select.chosen(ids.length)}>
      <Group gap="xs">
        <Text size="sm" fw={600} aria-live="polite">
          {text.select.chosen(ids.length)}
        </Text>
        <Button
          size="xs"
          variant="default"
          leftSection={<GitCompareArrows size={14} aria-hidden />}
          onClick={() => actions.compare(ids)}
        >
          {text.select.compare}
        </Button>
        {mayWrite && !isDeleted && <TagForm onTag={(key, value) => void actions.tag(ids, key, value)} />}
        {mayDelete && !isDeleted && (
          <Button
            size="xs"
            variant="default"
            leftSection={<Trash2 size={14} aria-hidden />}
            onClick={then(() => actions.remove(ids))}
          >
            {text.select.remove}
          </Button>
        )}
        {mayDelete && isDeleted && (
          <Button
            size="xs"
            variant="default"
            leftSection={<RotateCcw size={14} aria-hidden />}
            onClick={then(() => actions.restore(ids))}
          >
            {text.select.restore}
          </Button>
        )}
        <CloseButton aria-label={text.select.clear} onClick={selection.clear} />
      </Group>
    </Paper>
  );
}
