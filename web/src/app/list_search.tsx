import { TextInput } from '@mantine/core';

/** Narrows the list of a page, whose head it stands in: as wide as what it says, which a narrow window would cut. */
export const ListSearch = ({
  label,
  value,
  onChange,
}: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string | undefined) => void;
}) => (
  <TextInput
    w={260}
    type="search"
    aria-label={label}
    placeholder={label}
    value={value}
    onChange={({ currentTarget }) => onChange(currentTarget.value || undefined)}
  />
);
