import { Button, MultiSelect, Stack, Text } from '@mantine/core';
import { ChartLine } from 'lucide-react';
import { useCallback, useMemo, useState } from 'react';
import { Empty } from '../app/empty.tsx';
import { matching } from '../app/search_in.ts';
import { type AtCursor, ChartCard } from './chart_card.tsx';
import { ChartSection, type SharedProps } from './chart_section.tsx';
import { LegendTable } from './legend_table.tsx';
import classes from './line_chart.module.css';
import { stylesOf } from './line_style.ts';
import type { ChartRun } from './queries.ts';
import { joinedList, listOf, optionsOf, toggledIn, writtenZoom } from './search.ts';
import { sectionsOf } from './sections.ts';
import { text } from './text.ts';
import { Toolbar } from './toolbar.tsx';
import { useChartsSearch } from './use_search.ts';

const sectionsAtOnce = 100;

/** The runs that the address names to be shown alone; undefined where all are. */
function shownAlone(only: string | undefined, runs: readonly ChartRun[]): ReadonlySet<string> | undefined {
  const chosen = listOf(only);
  const shown = runs.filter(({ id }) => chosen.some((start) => id.startsWith(start)));
  return shown.length === 0 ? undefined : new Set(shown.map(({ id }) => id));
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
  const [most, setMost] = useState(sectionsAtOnce);
  const columns = useMemo(() => listOf(search.legend), [search.legend]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only these make other options.
  const options = useMemo(() => optionsOf(search), [search.x, search.smooth, search.log, search.zoom]);
  const ids = runs.map(({ id }) => id).join(' ');
  // biome-ignore lint/correctness/useExhaustiveDependencies: the styles follow from the ids alone.
  const styles = useMemo(() => stylesOf(runs.map(({ id }) => id)), [ids]);
  const keys = useMemo(() => [...new Set(runs.flatMap((run) => run.keys))].sort(), [runs]);
  const only = useMemo(() => shownAlone(search.only, runs), [search.only, runs]);
  const pins = useMemo(() => listOf(search.pins), [search.pins]);
  const onOnly = useCallback<SharedProps['onOnly']>(
    (to) =>
      change((before) => {
        const next = to(shownAlone(before.only, runs));
        return { only: next && joinedList([...next].map((id) => id.slice(0, 8))) };
      }),
    [change, runs],
  );
  const onZoom = useCallback<SharedProps['onZoom']>(
    (range, isStep) => change({ zoom: writtenZoom(range) }, !isStep),
    [change],
  );
  const onPin = useCallback(
    (key: string) => change(({ pins: before }) => ({ pins: toggledIn(before, key) })),
    [change],
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
    (): SharedProps => ({
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
  const sections = useMemo(() => {
    const found = matching(keys, search.charts ?? '');
    return sectionsOf(found, { pins, order: listOf(search.order) }, text.pinned);
  }, [keys, search.charts, search.order, pins]);
  if (keys.length === 0) {
    return (
      <Empty Icon={ChartLine} title={text.noRunsTitle}>
        {text.noRuns}
      </Empty>
    );
  }
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
                onChange={(chosen) => change({ legend: joinedList(chosen) })}
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
        <Stack gap="sm" className={classes.sections}>
          {wide && (
            <ChartCard
              key={`wide ${wide}`}
              metric={wide}
              title={wide}
              isPinned={pins.includes(wide)}
              isWide
              move={undefined}
              {...shared}
            />
          )}
          {sections.slice(0, most).map((section) => (
            <ChartSection key={`${section.isPinned} ${section.name}`} section={section} shared={shared} />
          ))}
          {sections.length > most && (
            <Button variant="default" size="xs" onClick={() => setMost(most + sectionsAtOnce)}>
              {text.moreSections(sections.length - most)}
            </Button>
          )}
          {sections.length === 0 && <Text c="dimmed">{text.noCharts}</Text>}
        </Stack>
      </div>
    </Stack>
  );
}
