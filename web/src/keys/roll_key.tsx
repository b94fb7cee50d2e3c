import { Button, Group, Modal, NativeSelect, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useChange } from '../api/hooks.ts';
import { FormError } from '../app/form_error.tsx';
import { text as shared } from '../app/text.ts';
import type { Key, KeyHome } from './homes.ts';
import { MadeKey } from './key_form.tsx';
import { text } from './text.ts';

/** Gives a key a new secret; the old one gets an end. */
export function RollKey({
  home,
  item: { id, name },
  onClose,
}: {
  readonly home: KeyHome;
  readonly item: Key;
  readonly onClose: () => void;
}) {
  const [overlap, setOverlap] = useState('24');
  const rolling = useChange((hours: number) => home.roll(id, hours), home.queryKey);
  return (
    <Modal opened onClose={onClose} title={text.rollTitle(name)} size="lg">
      {rolling.isSuccess ? (
        <MadeKey secret={rolling.data} onClose={onClose} />
      ) : (
        <Stack gap="sm">
          <Text size="sm">{text.rollLead}</Text>
          <NativeSelect
            label={text.overlap}
            value={overlap}
            onChange={({ currentTarget }) => setOverlap(currentTarget.value)}
            data={text.overlaps}
            data-autofocus
          />
          <FormError error={rolling.error} />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {shared.cancel}
            </Button>
            <Button loading={rolling.isPending} onClick={() => rolling.mutate(Number(overlap))}>
              {text.roll}
            </Button>
          </Group>
        </Stack>
      )}
    </Modal>
  );
}
