import { Grid, Stack } from '@mantine/core';
import { Search } from 'lucide-react';
import { SearchField } from '../app/search_field.tsx';
import { usePageSearch } from '../app/use_page_search.ts';
import { CodeVersion } from './code_version.tsx';
import { Datasets } from './datasets.tsx';
import { Family } from './family.tsx';
import { MetricsList } from './metrics_list.tsx';
import { Notes } from './notes.tsx';
import { ParamsList } from './params_list.tsx';
import type { Run } from './queries.ts';
import { TagsList } from './tags_list.tsx';
import { text } from './text.ts';

/** Everything that a run says of itself, on one page. */
export function Overview({ run }: { readonly run: Run }) {
  const [{ q = '' }, change] = usePageSearch<{ readonly q?: string }>();
  return (
    <Stack>
      <SearchField
        maw={420}
        leftSection={<Search size={16} aria-hidden />}
        value={q}
        onChange={(next) => change({ q: next })}
        placeholder={text.search}
        aria-label={text.search}
      />
      <Grid gap="md">
        <Grid.Col span={{ base: 12, md: 7 }}>
          <Stack>
            <MetricsList run={run} search={q} />
            <ParamsList run={run} search={q} />
            <Datasets run={run} />
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 5 }}>
          <Stack>
            <Notes run={run} />
            <TagsList run={run} search={q} />
            <CodeVersion run={run} />
            <Family run={run} />
          </Stack>
        </Grid.Col>
      </Grid>
    </Stack>
  );
}
