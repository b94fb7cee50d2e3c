import { SegmentedControl } from '@mantine/core';
import { useFileSearch } from './search.ts';
import { text } from './text.ts';

/** A file as it is meant, or another way to look at it; which one is in the address. */
export function ModeSwitch({ other = 'text' }: { readonly other?: 'text' | 'full' }) {
  const [{ mode }, change] = useFileSearch();
  return (
    <SegmentedControl
      size="xs"
      w="fit-content"
      aria-label={text.mode}
      value={mode === other ? other : 'view'}
      onChange={(next) => change({ mode: next === other ? other : undefined })}
      data={[
        { value: 'view', label: other === 'full' ? text.fits : text.asView },
        { value: other, label: other === 'full' ? text.ownSize : text.asText },
      ]}
    />
  );
}
