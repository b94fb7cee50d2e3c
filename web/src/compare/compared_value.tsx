import { Text, VisuallyHidden } from '@mantine/core';
import { figure } from '../app/formats.ts';
import { Measured } from '../app/measured.tsx';
import classes from './compare.module.css';
import { type Difference, differenceOf } from './direction.ts';
import { text } from './text.ts';

type Value = number | string | null;

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
  if (typeof value === 'number') {
    return (
      <span className={classes.measured}>
        <Measured value={value} className={isBest ? classes.best : undefined} />
        {difference && difference.verdict !== 'same' && <Delta {...difference} />}
        {isBest && (
          <Text component="span" size="xs" className={classes.better}>
            {text.best}
          </Text>
        )}
      </span>
    );
  }
  return (
    <span title={value ?? undefined} className={base !== undefined && value !== base ? classes.differs : undefined}>
      {value ?? '–'}
    </span>
  );
}

function Delta({ delta, verdict }: Difference) {
  return (
    <Text component="span" size="xs" className={classes[verdict]} title={text[verdict]}>
      {delta > 0 ? '▲ +' : '▼ −'}
      {figure(Math.abs(delta))}
      <VisuallyHidden>{text[verdict]}</VisuallyHidden>
    </Text>
  );
}
