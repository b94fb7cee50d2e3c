import { Button, Text, UnstyledButton } from '@mantine/core';
import { ChevronDown, ChevronRight } from 'lucide-react';
import { useState } from 'react';
import classes from './files.module.css';
import { writtenNumber } from './json_text.ts';
import { text } from './text.ts';

/** Members that are shown before the reader asks for more. */
const step = 100;
const textMax = 5_000;

/** A value of JSON; objects and lists open in place. */
export function JsonNode(props: { readonly name: string; readonly value: unknown; readonly depth: number }) {
  const { name, value, depth } = props;
  const [isOpen, setOpen] = useState(depth < 1);
  const [shown, setShown] = useState(step);
  const label = name === '' ? null : <b>{name}: </b>;
  const written = writtenNumber(value);
  if (typeof value !== 'object' || value === null || written !== undefined) {
    const json = written ?? JSON.stringify(value) ?? '';
    return (
      <li className={classes.value}>
        {label}
        {json.length > textMax ? json.slice(0, textMax) + text.cut(json.length - textMax) : json}
      </li>
    );
  }
  const keys = Object.keys(value);
  const Chevron = isOpen ? ChevronDown : ChevronRight;
  return (
    <li>
      <UnstyledButton
        fz="inherit"
        ff="inherit"
        mih={24}
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
        aria-label={`${name} ${text.items(keys.length)}`}
      >
        <Chevron size={12} aria-hidden /> {label}
        <Text component="span" size="xs" c="dimmed">
          {Array.isArray(value) ? '[' : '{'} {text.items(keys.length)} {Array.isArray(value) ? ']' : '}'}
        </Text>
      </UnstyledButton>
      {isOpen && (
        <ul>
          {keys.slice(0, shown).map((key) => (
            <JsonNode key={key} name={key} value={(value as Record<string, unknown>)[key]} depth={depth + 1} />
          ))}
          {keys.length > shown && (
            <li>
              <Button size="compact-xs" variant="default" onClick={() => setShown(shown + step * 10)}>
                {text.moreItems(keys.length - shown)}
              </Button>
            </li>
          )}
        </ul>
      )}
    </li>
  );
}
