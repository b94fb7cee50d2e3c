import { Text, VisuallyHidden } from '@mantine/core';
import { figure } from '../app/formats.ts';
import classes from './compare.module.css';
import { differenceOf } from './direction.ts';
import { text } from './text.ts';

type Value = number | string | null;

const shown = (value: Value): string => {
  if (value === null) return '–';
  return typeof value === 'number' ? figure(value) : value;
};

/** A value of a run, how it stands to the baseline's, or whether it is the best of all. */
export function ComparedValue(props: {
  readonly value: Value;
  /** The baseline's; undefined where there is none. */
  readonly base: Value | undefined;
  readonly best: number | undefined;
  readonly isLower: boolean;
}) {
  const { value, base, best, isLower } = props;
  const difference = base === undefined ? undefined : differenceOf(value, base, isLower);
  const isBest = best !== undefined && value === best;
  if (difference && difference.verdict !== 'same') {
    const { delta, verdict } = difference;
    return (
      <>
        <span title={String(value)}>{shown(value)}</span>
        <Text component="span" size="xs" className={classes[verdict]} title={text[verdict]}>
          {delta > 0 ? '▲ +' : '▼ −'}
          {figure(Math.abs(delta))}
          <VisuallyHidden>{text[verdict]}</VisuallyHidden>
        </Text>
      </>
    );
  }
  const differs = base !== undefined && value !== base && typeof value !== 'number';
  return (
    <>
      <span
        title={value === null ? undefined : String(value)}
        className={isBest ? classes.best : differs ? classes.differs : undefined}
      >
        {shown(value)}
      </span>
      {isBest && (
        <Text component="span" size="xs" className={classes.better}>
          {text.best}
        </Text>
      )}
    </>
  );
}
