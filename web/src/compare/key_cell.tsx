import { ActionIcon, Tooltip } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { text } from './text.ts';

const route = getRouteApi('/signed-in/t/$tenant/compare');

/** A key, and of a metric in which direction it is better, which the reader may turn. */
export function KeyCell(props: { readonly name: string; readonly isMetric: boolean; readonly isLower: boolean }) {
  const { name, isLower } = props;
  const navigate = route.useNavigate();
  const turn = () =>
    void navigate({
      search: ({ turned = [], ...rest }) => {
        const next = turned.includes(name) ? turned.filter((key) => key !== name) : [...turned, name];
        return { ...rest, ...(next.length > 0 ? { turned: next } : {}) };
      },
      replace: true,
      resetScroll: false,
    });
  return (
    <>
      <span title={name}>{name}</span>
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
