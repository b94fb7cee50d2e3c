import { Checkbox, Group, NumberInput, SegmentedControl, Select, Slider, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useMemo, useState } from 'react';
import { isExpression, isTooCostly } from '../app/search_in.ts';
import { everyRun } from './group_lines.ts';
import { type ChartSize, chartSizes, type Smoothing, smoothingOf } from './search.ts';
import { text } from './text.ts';
import { useChartsSearch } from './use_search.ts';

function SmoothingField() {
  const [{ smooth }, change] = useChartsSearch();
  const current = smoothingOf(smooth);
  const [weight, setWeight] = useState(current?.kind === 'ema' ? current.weight : 0.9);
  const choose = (kind: string | null) =>
    change({ smooth: kind === 'ema' ? `ema:${weight}` : kind === 'none' || !kind ? undefined : `${kind}:100` });
  const kinds: (Smoothing['kind'] | 'none')[] = ['none', 'ema', 'mean', 'gaussian'];
  return (
    <Group gap="xs" align="end" wrap="nowrap">
      <Select
        size="xs"
        w={130}
        label={text.smoothing}
        data={kinds.map((value) => ({ value, label: text.smoothings[value] }))}
        value={current?.kind ?? 'none'}
        onChange={choose}
        allowDeselect={false}
      />
      {current?.kind === 'ema' && (
        <Slider
          w={120}
          mb={6}
          min={0.1}
          max={0.999}
          step={0.001}
          value={weight}
          onChange={setWeight}
          onChangeEnd={(value) => change({ smooth: `ema:${value}` })}
          thumbLabel={text.weight}
        />
      )}
      {current && current.kind !== 'ema' && (
        <NumberInput
          size="xs"
          w={90}
          aria-label={text.width('x')}
          min={0}
          value={current.width}
          onChange={(value) => Number(value) > 0 && change({ smooth: `${current.kind}:${value}` })}
        />
      )}
    </Group>
  );
}

/** What all charts share: their search, their axes, how they are smoothed. */
export function Toolbar(props: {
  readonly keys: readonly string[];
  readonly first?: number | undefined;
  /** Params by which runs can be grouped; where they cannot, none. */
  readonly params: readonly string[] | undefined;
}) {
  const { keys, first, params } = props;
  const [search, change] = useChartsSearch();
  const [charts, setCharts] = useState(search.charts ?? '');
  const find = useDebouncedCallback((value: string) => change({ charts: value || undefined }), 150);
  const xAxes = useMemo(
    () => [
      ...(['step', 'time', 'relative'] as const).map((x) => ({ value: x as string, label: text.xLabel(x, undefined) })),
      ...keys.map((key) => ({ value: `m:${key}`, label: key })),
    ],
    [keys],
  );
  const log = search.log ?? '';
  const setLog = (axis: 'x' | 'y', on: boolean) =>
    change(({ log: before = '' }) => {
      const [x, y] = (['x', 'y'] as const).map((each) => (each === axis ? on : before.includes(each)));
      return { log: x && y ? 'xy' : x ? 'x' : y ? 'y' : undefined, ...(axis === 'x' ? { zoom: undefined } : {}) };
    });
  return (
    <Stack gap="xs">
      <Group gap="sm" align="end">
        <TextInput
          size="xs"
          w={230}
          type="search"
          label={text.search}
          value={charts}
          error={isTooCostly(charts, keys) ? text.tooCostly : !isExpression(charts) && text.noExpression}
          onChange={({ currentTarget }) => {
            setCharts(currentTarget.value);
            find(currentTarget.value);
          }}
        />
        <Select
          size="xs"
          w={170}
          label={text.xAxis}
          searchable
          limit={100}
          allowDeselect={false}
          data={xAxes}
          value={search.x || 'step'}
          onChange={(value) => change({ x: value === null || value === 'step' ? undefined : value, zoom: undefined })}
        />
        <SmoothingField />
        {params && (
          <Select
            size="xs"
            w={130}
            label={text.groupBy}
            searchable
            limit={100}
            allowDeselect={false}
            data={[
              { value: '', label: text.noGroup },
              { value: everyRun, label: text.everyRun },
              ...params.map((key) => ({ value: `p:${key}`, label: key })),
            ]}
            value={search.by ?? ''}
            onChange={(by) => change({ by: by || undefined })}
          />
        )}
        {first !== undefined && (
          <NumberInput
            size="xs"
            w={90}
            label={text.first}
            min={1}
            max={500}
            value={first}
            onChange={(value) =>
              Number(value) >= 1 && change({ first: Number(value) === 10 ? undefined : Number(value) })
            }
          />
        )}
        <Stack gap={2}>
          <Text size="xs" fw={500} id="chart-size">
            {text.size}
          </Text>
          <SegmentedControl
            size="xs"
            aria-labelledby="chart-size"
            data={chartSizes.map((value) => ({ value, label: text.sizes[value] }))}
            value={search.size ?? 'm'}
            onChange={(size) => change({ size: size === 'm' ? undefined : (size as ChartSize) })}
          />
        </Stack>
        <Group gap="sm" mb={6}>
          <Checkbox
            size="xs"
            label={text.logX}
            checked={log.includes('x')}
            onChange={({ currentTarget }) => setLog('x', currentTarget.checked)}
          />
          <Checkbox
            size="xs"
            label={text.logY}
            checked={log.includes('y')}
            onChange={({ currentTarget }) => setLog('y', currentTarget.checked)}
          />
          <Checkbox
            size="xs"
            label={text.clip}
            checked={search.clip ?? false}
            onChange={({ currentTarget }) => change({ clip: currentTarget.checked || undefined })}
          />
        </Group>
      </Group>
    </Stack>
  );
}
