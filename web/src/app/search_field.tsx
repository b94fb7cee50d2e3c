import { TextInput, type TextInputProps } from '@mantine/core';
import { useEffect, useRef } from 'react';

interface SearchFieldProps extends Omit<TextInputProps, 'value' | 'defaultValue' | 'onChange' | 'type' | 'ref'> {
  readonly value: string;
  readonly onChange: (value: string | undefined) => void;
}

/**
 * A field whose value the address keeps. That follows a moment after each key, which may not put the field back, and the
 * caret to its end: while somebody is in the field it has its own value.
 */
export function SearchField({ value, onChange, ...more }: SearchFieldProps) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (field.current && field.current !== document.activeElement) field.current.value = value;
  }, [value]);
  return (
    <TextInput
      type="search"
      {...more}
      ref={field}
      defaultValue={value}
      onChange={({ currentTarget }) => onChange(currentTarget.value || undefined)}
    />
  );
}
