import { useEffect, useRef } from 'react';
import classes from './runs_table.module.css';

/** A field in place of a cell: Enter keeps what is typed, Escape or leaving it does not. */
export function EditCell(props: {
  readonly label: string;
  readonly value: string;
  readonly onSave: (value: string) => void;
  readonly onEnd: () => void;
}) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.select(), []);
  return (
    <input
      ref={field}
      className={classes.edit}
      aria-label={props.label}
      defaultValue={props.value}
      onBlur={props.onEnd}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === 'Escape') props.onEnd();
        if (event.key !== 'Enter') return;
        const { value } = event.currentTarget;
        if (value !== props.value) props.onSave(value);
        props.onEnd();
      }}
    />
  );
}
