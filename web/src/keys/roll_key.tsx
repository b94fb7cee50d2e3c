import { NativeSelect, Text } from '@mantine/core';
import { useState } from 'react';
import { useChange } from '../api/hooks.ts';
import { FormDialog } from '../app/form_dialog.tsx';
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
    <FormDialog
      title={text.rollTitle(name)}
      action={text.roll}
      isPending={rolling.isPending}
      error={rolling.error}
      onSubmit={() => rolling.mutate(Number(overlap))}
      onClose={onClose}
      result={rolling.data && <MadeKey secret={rolling.data} onClose={onClose} />}
    >
      <Text size="sm">{text.rollLead}</Text>
      <NativeSelect
        label={text.overlap}
        value={overlap}
        onChange={({ currentTarget }) => setOverlap(currentTarget.value)}
        data={text.overlaps}
        data-autofocus
      />
    </FormDialog>
  );
}
