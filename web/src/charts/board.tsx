import { Button, MultiSelect, Stack, Text, UnstyledButton } from '@mantine/core';
import { ChartLine, ChevronDown, ChevronRight } from 'lucide-react';
import { useCallback, useMemo, useState } from 'react';
import { Empty } from '../app/empty.tsx';
import { count } from '../app/formats.ts';
import { type AtCursor, ChartCard, type ChartCardProps } from './chart_card.tsx';
import { LegendTable } from './legend_table.tsx';
import classes from './line_chart.module.css';
import { stylesOf } from './line_style.ts';
import type { ChartRun } from './queries.ts';
import { joinedList, listOf, optionsOf, writtenZoom } from './search.ts';
import { matcherOf, type Section, sectionsOf } from './sections.ts';
import { text } from './text.ts';
import { Toolbar } from './toolbar.tsx';
import { useChartsSearch } from './use_search.ts';

const chartsAtOnce = 48;
const cardWidth = { s: '16rem', m: '24rem', l: '40rem' } as const;

type Shared = Omit<ChartCardProps, 'metric' | 'title' | 'isPinned' | 'isWide'>;

function ChartSection(props: { readonly section: Section; readonly shared: Shared; readonly pins: readonly string[] }) {
  const { section, shared, pins } = props;
  const [search, change] = useChartsSearch();
  const [most, setMost] = useState(chartsAtOnce);
  const shut = listOf(search.shut);
  const isOpen = !shut.includes(section.name);
  const toggle = () =>
    change({ shut: joinedList(isOpen ? [...shut, section.name] : shut.filter((name) => name !== section.name)) });
  const Arrow = isOpen ? ChevronDown : ChevronRight;
  const left = section.keys.length - most;
  return (
    <section>
      <UnstyledButton className={classes.sectionHead} aria-expanded={isOpen} onClick={toggle} py={4}>
        <Arrow size={16} aria-hidden />
        <Text component="span" fw={600} size="sm">
          {section.name || text.others}
        </Text>
        <Text component="span" size="xs" c="dimmed">
          {count(section.keys.length)}
        </Text>
      </UnstyledButton>
      {isOpen && (
        <div className={classes.grid} style={{ '--card-width': cardWidth[search.size ?? 'm'] } as never}>
          {section.keys.slice(0, most).map((key) => (
            <ChartCard key={key} metric={key} title={key} isPinned={pins.includes(key)} isWide={false} {...shared} />
          ))}
        </div>
      )}
      {isOpen && left > 0 && (
        <Button variant="default" size="xs" mt="xs" onClick={() => setMost(most + chartsAtOnce)}>
          {text.more(left)}
        </Button>
      )}
    </section>
  );
}

/** Charts of several runs: a chart for each metric, with a legend beside them that is a table. */
export function Board(props: {
  readonly runs: readonly ChartRun[];
  readonly first?: number;
  /** The runs that can be grouped: those of an experiment that a filter leaves. */
  readonly all?: { readonly experimentId: number; readonly filter: string };
}) {
  const { runs, first, all } = props;
  const [search, change] = useChartsSearch();
  const [at, setAt] = useState<AtCursor>();
  const [columns, setColumns] = useState<string[]>([]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only these make other options.
  const options = useMemo(() => optionsOf(search), [search.x, search.smooth, search.log, search.zoom]);
  const ids = runs.map(({ id }) => id).join(' ');
  // biome-ignore lint/correctness/useExhaustiveDependencies: the styles follow from the ids alone.
  const styles = useMemo(() => stylesOf(runs.map(({ id }) => id)), [ids]);
  const keys = useMemo(() => [...new Set(runs.flatMap((run) => run.keys))].sort(), [runs]);
  const only = useMemo(() => {
    const chosen = listOf(search.only);
    const shown = runs.filter(({ id }) => chosen.some((start) => id.startsWith(start)));
    return shown.length === 0 ? undefined : new Set(shown.map(({ id }) => id));
  }, [search.only, runs]);
  const pins = useMemo(() => listOf(search.pins), [search.pins]);
  const onOnly = useCallback(
    (next: ReadonlySet<string> | undefined) =>
      change({ only: next && joinedList([...next].map((id) => id.slice(0, 8))) }),
    [change],
  );
  const onZoom = useCallback<Shared['onZoom']>((range) => change({ zoom: writtenZoom(range) }), [change]);
  const onPin = useCallback(
    (key: string) =>
      change({ pins: joinedList(pins.includes(key) ? pins.filter((pin) => pin !== key) : [...pins, key]) }),
    [change, pins],
  );
  const onWide = useCallback((key: string | undefined) => change({ wide: key }), [change]);
  const logY = search.log?.includes('y') ?? false;
  const clips = search.clip ?? false;
  const onCursor = setAt;
  const by = all && search.by ? search.by : undefined;
  const [experimentId, filter] = [all?.experimentId, all?.filter];
  const grouped = useMemo(
    () => (by && experimentId !== undefined ? { experimentId, filter: filter ?? '', by } : undefined),
    [by, experimentId, filter],
  );
  const shared = useMemo(
    (): Shared => ({
      runs,
      options,
      logY,
      clips,
      styles,
      only,
      onOnly,
      onZoom,
      onCursor,
      onPin,
      onWide,
      columns,
      grouped,
    }),
    [runs, options, logY, clips, styles, only, onOnly, onZoom, onPin, onWide, columns, grouped],
  );
  if (keys.length === 0) {
    return (
      <Empty Icon={ChartLine} title={text.noRunsTitle}>
        {text.noRuns}
      </Empty>
    );
  }
  const found = keys.filter(matcherOf(search.charts ?? ''));
  const wide = search.wide && keys.includes(search.wide) ? search.wide : undefined;
  const params = [...new Set(runs.flatMap((run) => Object.keys(run.params)))].sort();
  return (
    <Stack gap="sm">
      <Toolbar keys={keys} first={first} params={all ? params : undefined} />
      <div className={grouped ? undefined : classes.board}>
        {!grouped && (
          <Stack gap="xs" className={classes.side}>
            {params.length > 0 && (
              <MultiSelect
                size="xs"
                label={text.params}
                data={params}
                value={columns}
                onChange={setColumns}
                searchable
                limit={100}
                clearable
              />
            )}
            <LegendTable
              lines={runs}
              styles={styles}
              columns={columns}
              values={at?.values}
              valueLabel={at?.key ?? text.atCursor}
              only={only}
              onOnly={onOnly}
            />
          </Stack>
        )}
        <Stack gap="sm">
          {wide && (
            <ChartCard
              key={`wide ${wide}`}
              metric={wide}
              title={wide}
              isPinned={pins.includes(wide)}
              isWide
              {...shared}
            />
          )}
          {sectionsOf(found, pins, text.pinned).map((section) => (
            <ChartSection key={section.name} section={section} shared={shared} pins={pins} />
          ))}
          {found.length === 0 && <Text c="dimmed">{text.noCharts}</Text>}
        </Stack>
      </div>
    </Stack>
  );
}
