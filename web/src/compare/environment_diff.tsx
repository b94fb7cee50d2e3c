import { Stack, Text, VisuallyHidden } from '@mantine/core';
import { useMemo } from 'react';
import { ScrollBox } from '../app/scroll_box.tsx';
import classes from './compare.module.css';
import { lineDiff } from './line_diff.ts';
import { text } from './text.ts';

/** The order of requirements says nothing. */
function linesOf(name: string, content: string): string[] {
  const lines = content.split(/\r?\n/).filter((line) => line.trim() !== '');
  return name === 'requirements.txt' ? lines.map((line) => line.trim()).sort() : lines;
}

/** What differs between two texts of one file. */
export function EnvironmentDiff(props: {
  readonly name: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
  /** The names of the two runs. */
  readonly runs: readonly [string, string];
}) {
  const { name, before, after, runs } = props;
  const changes = useMemo(
    () =>
      before === undefined || after === undefined
        ? []
        : lineDiff(linesOf(name, before), linesOf(name, after)).filter(({ kind }) => kind !== 'same'),
    [name, before, after],
  );
  if (before === undefined || after === undefined) {
    return <Text size="sm">{text.onlyIn(before === undefined ? runs[1] : runs[0])}</Text>;
  }
  if (changes.length === 0) return <Text size="sm">{text.equal}</Text>;
  return (
    <Stack gap={4}>
      <Text size="xs" c="dimmed">
        {text.changed(changes.length)}
      </Text>
      <ScrollBox className={classes.diff} label={text.differencesIn(name)}>
        {changes.map(({ kind, line }, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines do not move
          <span key={at} className={kind === 'added' ? classes.added : classes.removed}>
            <VisuallyHidden>{kind === 'added' ? text.added : text.removed} </VisuallyHidden>
            {kind === 'added' ? '+ ' : '- '}
            {line}
          </span>
        ))}
      </ScrollBox>
    </Stack>
  );
}
