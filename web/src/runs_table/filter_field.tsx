import { MaestroError } from '@maestro/sdk/problem';
import { CloseButton, Combobox, Stack, Text, TextInput, useCombobox } from '@mantine/core';
import { Filter } from 'lucide-react';
import { type KeyboardEvent, type Ref, useEffect, useImperativeHandle, useRef, useState } from 'react';
import { expectedAt, tokenEnd } from './completion.ts';
import classes from './runs_table.module.css';
import { useSuggestions } from './suggestions.ts';
import { text } from './text.ts';

interface FilterFieldProps {
  readonly experimentId: number;
  /** The filter that is applied. */
  readonly filter: string;
  /** Why the server refused it. */
  readonly error: Error | null;
  readonly onApply: (filter: string) => void;
  readonly ref?: Ref<{ focus: () => void }>;
}

/** A filter with the part at which it goes wrong. */
function Fault({ filter, error }: { readonly filter: string; readonly error: MaestroError }) {
  const at = error.position;
  return (
    <Stack gap={4} role="alert">
      {at !== undefined && (
        <div className={classes.fault}>
          {filter.slice(0, at)}
          <mark>{filter.slice(at, tokenEnd(filter, at)) || ' '}</mark>
          {filter.slice(tokenEnd(filter, at))}
        </div>
      )}
      <Text size="sm" c="error">
        {error.message}
      </Text>
    </Stack>
  );
}

/** MLflow's filter language, with what may come next. Enter applies it. */
export function FilterField({ experimentId, filter, error, onApply, ref }: FilterFieldProps) {
  const [typed, setTyped] = useState(filter);
  const [caret, setCaret] = useState(filter.length);
  const input = useRef<HTMLInputElement>(null);
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() });
  useEffect(() => setTyped(filter), [filter]);
  useImperativeHandle(ref, () => ({ focus: () => input.current?.focus() }));
  const expected = expectedAt(typed, caret);
  const suggestions = useSuggestions(experimentId, expected, combobox.dropdownOpened);

  const put = (suggestion: string) => {
    const isWhole = !suggestion.endsWith('.');
    const before = typed.slice(0, expected.from) + suggestion + (isWhole ? ' ' : '');
    const next = before + typed.slice(caret).replace(/^\s+/, '');
    setTyped(next);
    setCaret(before.length);
    combobox.resetSelectedOption();
    // Once React has put it into the field.
    queueMicrotask(() => input.current?.setSelectionRange(before.length, before.length));
  };
  const apply = (next: string) => {
    combobox.closeDropdown();
    onApply(next.trim());
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const isChosen = combobox.dropdownOpened && combobox.getSelectedOptionIndex() >= 0;
    if (event.key === 'Enter' && !isChosen) apply(typed);
    if (event.key === 'Tab' && isChosen) {
      event.preventDefault();
      combobox.clickSelectedOption();
    }
  };
  const isRefused = error instanceof MaestroError && error.field === 'filter';
  return (
    <Stack gap={6} flex="1 1 20rem">
      <Combobox store={combobox} onOptionSubmit={put} withinPortal>
        <Combobox.Target>
          <TextInput
            ref={input}
            value={typed}
            aria-label={text.filter.label}
            placeholder={text.filter.placeholder}
            leftSection={<Filter size={15} aria-hidden />}
            rightSection={
              typed !== '' && (
                <CloseButton
                  size="sm"
                  aria-label={text.clearFilter}
                  onClick={() => {
                    setTyped('');
                    apply('');
                  }}
                />
              )
            }
            error={isRefused}
            spellCheck={false}
            autoComplete="off"
            onChange={({ currentTarget: { value, selectionStart } }) => {
              setTyped(value);
              setCaret(selectionStart ?? value.length);
              combobox.openDropdown();
            }}
            onSelect={({ currentTarget }) => setCaret(currentTarget.selectionStart ?? 0)}
            onClick={() => combobox.openDropdown()}
            onBlur={() => combobox.closeDropdown()}
            onKeyDown={onKeyDown}
          />
        </Combobox.Target>
        <Combobox.Dropdown hidden={suggestions.length === 0}>
          <Combobox.Options className={classes.list} aria-label={text.filter.recent}>
            {suggestions.map((suggestion) => (
              <Combobox.Option key={suggestion.text} value={suggestion.text}>
                {suggestion.text}
              </Combobox.Option>
            ))}
          </Combobox.Options>
        </Combobox.Dropdown>
      </Combobox>
      {isRefused && <Fault filter={filter} error={error} />}
    </Stack>
  );
}
