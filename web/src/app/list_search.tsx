import { SearchField } from './search_field.tsx';

/** Narrows the list of a page, whose head it stands in: as wide as what it says, which a narrow window would cut. */
export const ListSearch = ({
  label,
  value,
  onChange,
}: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string | undefined) => void;
}) => <SearchField w={260} aria-label={label} placeholder={label} value={value} onChange={onChange} />;
