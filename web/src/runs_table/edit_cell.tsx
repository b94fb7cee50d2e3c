import { useEffect, useRef } from 'react';
import classes from './runs_table.module.css';

/** A field in place of a cell: Enter keeps what is typed, Tab too and goes on to the next one; Escape or leaving it does not. */
export function EditCell(props: {
  readonly label: string;
  readonly value: string;
  readonly onSave: (value: string) => void;
  /** Where another cell is to be edited: the next (1) or the one before (-1). */
  readonly onEnd: (step?: 1 | -1) => void;
}) {
  const field = useRef<HTMLInputElement>(null);
  const isOver = useRef(false);
  useEffect(() => {
    // Not every browser moves the focus to what is selected.
    field.current?.focus({ preventScroll: true });
    field.current?.select();
  }, []);
  return (
    <input
      ref={field}
      className={classes.edit}
      aria-label={props.label}
      defaultValue={props.value}
      onBlur={() => isOver.current || props.onEnd()}
      onKeyDown={(event) => {
        event.stopPropagation();
        const { key, shiftKey, currentTarget } = event;
        if (key !== 'Escape' && key !== 'Enter' && key !== 'Tab') return;
        event.preventDefault();
        isOver.current = true;
        if (key !== 'Escape' && currentTarget.value !== props.value) props.onSave(currentTarget.value);
        // The keys are the table's again.
        currentTarget.closest<HTMLElement>('[role=grid], [role=treegrid]')?.focus({ preventScroll: true });
        if (key === 'Tab') props.onEnd(shiftKey ? -1 : 1);
        else props.onEnd();
      }}
    />
  );
}
