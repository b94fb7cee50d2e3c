import { ActionIcon, Tooltip } from '@mantine/core';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { LongName } from '../app/long_name.tsx';
import { text } from './text.ts';
import { useComparison } from './use_compared.ts';

/** A key, and of a metric in which direction it is better, which the reader may turn. */
export function KeyCell(props: {
  readonly name: string;
  readonly isMetric: boolean;
  readonly isLower: boolean;
  /** That the name has, in pixels. */
  readonly width: number;
}) {
  const { name, isLower, width } = props;
  const [, change] = useComparison();
  const turn = () =>
    change(({ turned = [] }) => {
      const next = turned.includes(name) ? turned.filter((key) => key !== name) : [...turned, name];
      return { turned: next.length > 0 ? next : undefined };
    }, true);
  return (
    <>
      <LongName name={name} width={width} />
      {props.isMetric && (
        <Tooltip label={isLower ? text.lower : text.higher}>
          <ActionIcon size="xs" variant="subtle" color="gray" onClick={turn} aria-label={text.turn(name, isLower)}>
            {isLower ? <ArrowDown size={12} /> : <ArrowUp size={12} />}
          </ActionIcon>
        </Tooltip>
      )}
    </>
  );
}
