import { Group, Select, Stack } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { Boxes } from 'lucide-react';
import { Empty } from '../app/empty.tsx';
import { MoreButton } from '../app/more_button.tsx';
import { SearchField } from '../app/search_field.tsx';
import { Loading, Problem } from '../app/states.tsx';
import { useRouteSearch } from '../app/use_page_search.ts';
import { ExperimentFilter } from './experiment_filter.tsx';
import { ModelsTable } from './models_table.tsx';
import { useModels } from './queries.ts';
import { modelOrders } from './routes.ts';
import { text } from './text.ts';

const route = getRouteApi('/signed-in/t/$tenant/models');

/** Logged models: found by name and experiment, in an order of the reader's. */
export function LoggedModels() {
  const [{ q = '', experiment, sort = modelOrders[0] }, change] = useRouteSearch(route);
  const list = useModels({ q, experiment, sort });
  const { data, error, refetch } = list;
  const models = data?.pages.flatMap((page) => page.items);
  const metricKeys = [...new Set(models?.flatMap(({ metrics }) => metrics.map(({ key }) => key)))].sort();
  const byMetric = metricKeys.slice(0, 200).flatMap((key) => [
    { value: `metrics.${key} DESC`, label: text.byMetric(key, true) },
    { value: `metrics.${key} ASC`, label: text.byMetric(key, false) },
  ]);
  const orders = [...modelOrders.map((value) => ({ value: value as string, label: text.orders[value] })), ...byMetric];
  if (!orders.some(({ value }) => value === sort)) orders.push({ value: sort, label: sort.replace('metrics.', '') });
  return (
    <Stack>
      <Group gap="sm" align="end">
        <SearchField label={text.search} value={q} onChange={(next) => change({ q: next }, true)} />
        <ExperimentFilter value={experiment} onChange={(id) => change({ experiment: id }, true)} />
        <Select
          label={text.sort}
          data={orders}
          value={sort}
          searchable
          allowDeselect={false}
          onChange={(next) => change({ sort: next ?? modelOrders[0] }, true)}
        />
      </Group>
      {error && <Problem error={error} onRetry={() => void refetch()} />}
      {!models && !error && <Loading />}
      {models && models.length > 0 && <ModelsTable models={models} />}
      {models?.length === 0 && (
        <Empty Icon={Boxes} title={text.none}>
          {q === '' && experiment === undefined ? <code>{text.noneLead}</code> : text.noneFound}
        </Empty>
      )}
      <MoreButton list={list} />
    </Stack>
  );
}
