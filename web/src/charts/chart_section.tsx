import { Button, Text, UnstyledButton } from '@mantine/core';
import { ChevronDown, ChevronRight } from 'lucide-react';
import { memo, useCallback, useId, useMemo, useState } from 'react';
import { count } from '../app/formats.ts';
import { ChartCard, type ChartCardProps } from './chart_card.tsx';
import classes from './line_chart.module.css';
import { NearGrid } from './near_grid.tsx';
import { inOrder, inSlots, orderFor, placed } from './order.ts';
import { joinedList, listOf, toggledIn } from './search.ts';
import type { Section } from './sections.ts';
import { text } from './text.ts';
import { useChartsSearch } from './use_search.ts';

const chartsAtOnce = 48;

/** What all charts of a board have alike. */
export type SharedProps = Omit<ChartCardProps, 'metric' | 'title' | 'isPinned' | 'isWide' | 'move'>;

/** Charts of one section, in the order that the reader gave them. */
export const ChartSection = memo(function ChartSection(props: {
  readonly section: Section;
  readonly shared: SharedProps;
}) {
  const { section, shared } = props;
  const { keys, isPinned } = section;
  const [search, change] = useChartsSearch();
  const [most, setMost] = useState(chartsAtOnce);
  const isOpen = !listOf(search.shut).includes(section.name);
  const toggle = () => change(({ shut }) => ({ shut: toggledIn(shut, section.name) }));
  const onPlace = useCallback(
    (key: string, target: string) =>
      change((before) => {
        const [pins, order] = [listOf(before.pins), listOf(before.order)];
        const shown = isPinned ? pins.filter((pin) => keys.includes(pin)) : inOrder(keys, order);
        const next = placed(shown, key, target);
        if (next === shown) return {};
        return isPinned ? { pins: joinedList(inSlots(pins, next)) } : { order: joinedList(orderFor(next, order)) };
      }),
    [keys, isPinned, change],
  );
  const id = useId();
  // Among those that are drawn: one that went behind them would be gone.
  const drawn = useMemo(() => keys.slice(0, most), [keys, most]);
  const move = useMemo(() => (drawn.length > 1 ? { id, keys: drawn, onPlace } : undefined), [id, drawn, onPlace]);
  const Arrow = isOpen ? ChevronDown : ChevronRight;
  const left = keys.length - most;
  return (
    <section>
      <UnstyledButton className={classes.sectionHead} aria-expanded={isOpen} onClick={toggle} py={4}>
        <Arrow size={16} aria-hidden />
        <Text component="span" fw={600} size="sm">
          {section.name || text.others}
        </Text>
        <Text component="span" size="xs" c="dimmed">
          {count(keys.length)}
        </Text>
      </UnstyledButton>
      {isOpen && (
        <NearGrid cards={drawn.length} size={search.size ?? 'm'}>
          {() =>
            drawn.map((key) => (
              <ChartCard
                key={key}
                metric={key}
                title={key}
                isPinned={isPinned}
                isWide={false}
                move={move}
                {...shared}
              />
            ))
          }
        </NearGrid>
      )}
      {isOpen && left > 0 && (
        <Button variant="default" size="xs" mt="xs" onClick={() => setMost(most + chartsAtOnce)}>
          {text.more(left)}
        </Button>
      )}
    </section>
  );
});
