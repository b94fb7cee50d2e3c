import { Button, Stack, Table, Text, TextInput } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { ago } from '../app/formats.ts';
import { AnchorLink } from '../app/links.tsx';
import { PageHead } from '../app/page_head.tsx';
import { Loading, Problem } from '../app/states.tsx';
import { useExperiments } from './queries.ts';
import { text } from './text.ts';

const route = getRouteApi('/signed-in/t/$tenant/experiments');

export function ExperimentsPage() {
  const { tenant } = route.useParams();
  const { q = '' } = route.useSearch();
  const navigate = route.useNavigate();
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useExperiments(q);
  const experiments = data?.pages.flatMap((page) => page.items);
  return (
    <Stack>
      <PageHead title={text.title}>
        <TextInput
          value={q}
          onChange={({ currentTarget }) =>
            void navigate({ search: { q: currentTarget.value || undefined }, replace: true })
          }
          placeholder={text.search}
          aria-label={text.search}
          type="search"
        />
      </PageHead>
      {error && <Problem error={error} onRetry={() => void refetch()} />}
      {!experiments && !error && <Loading />}
      {experiments && (
        <Table highlightOnHover>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{text.name}</Table.Th>
              <Table.Th>{text.updated}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {experiments.map((experiment) => (
              <Table.Tr key={experiment.experiment_id}>
                <Table.Td>
                  <AnchorLink
                    to="/t/$tenant/experiments/$experimentId"
                    params={{ tenant, experimentId: String(experiment.experiment_id) }}
                  >
                    {experiment.name}
                  </AnchorLink>
                </Table.Td>
                <Table.Td className="figures">{ago(experiment.last_update_time)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
      {experiments?.length === 0 && <Text c="dimmed">{text.none}</Text>}
      {hasNextPage && (
        <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {text.more}
        </Button>
      )}
    </Stack>
  );
}
