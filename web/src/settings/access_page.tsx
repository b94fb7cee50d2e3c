import { Alert, NativeSelect, Paper, SimpleGrid, Stack, Table, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Check, X } from 'lucide-react';
import type { AnswerOf } from '../api/contract_types.ts';
import { useApi } from '../api/hooks.ts';
import { allPermissions } from '../api/permissions.ts';
import type { Permission } from '../api/rights.ts';
import { moment } from '../app/formats.ts';
import { PageHead } from '../app/page_head.tsx';
import { Loading, Problem } from '../app/states.tsx';
import { useRouteSearch } from '../app/use_page_search.ts';
import { WideTable } from '../app/wide_table.tsx';
import { SubjectPicker } from './subject_picker.tsx';
import { text } from './text.ts';

const { access: words } = text;
const route = getRouteApi('/signed-in/t/$tenant/settings/access');

type Why = AnswerOf<'/access/why', 'get'>;
type Source = Why['permissions'][number]['from'][number];
type Kind = 'experiment' | 'project' | 'run' | 'model';

function sentenceOf({ kind, via, resource, until }: Source): string {
  if (kind === 'operator_switch') return words.viaSwitch(until === undefined ? '' : moment(Date.parse(until)));
  if (kind === 'role') return words.viaRole(via);
  const thing = words.viaGrant(resource ? `${resource.kind} ${resource.id}` : '');
  return via.length === 0 ? thing : `${thing} (${words.viaRole(via)})`;
}

function Explanation({ why }: { readonly why: Why }) {
  const { subject, role, is_active: isActive, answer, permissions, responsible } = why;
  return (
    <Stack>
      {answer && (
        <Alert
          color={answer.allowed ? 'green' : 'red'}
          variant="light"
          icon={answer.allowed ? <Check size={18} aria-hidden /> : <X size={18} aria-hidden />}
          title={`${answer.allowed ? words.yes : words.no}: ${answer.permission}`}
        >
          {answer.reason}
        </Alert>
      )}
      <Text size="sm">
        {words.role(subject.name, role)} {!isActive && words.closed}
      </Text>
      {responsible && (
        <Text size="sm">
          {words.responsible} {responsible.map(({ name, id }) => name ?? id).join(', ')}
        </Text>
      )}
      <WideTable label={words.holds} minWidth={340} verticalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{words.holds}</Table.Th>
            <Table.Th>{words.by}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {permissions.map(({ permission, from }) => (
            <Table.Tr key={permission}>
              <Table.Td ff="monospace">{permission}</Table.Td>
              <Table.Td>
                {from.map((source) => (
                  <div key={sentenceOf(source)}>{sentenceOf(source)}</div>
                ))}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </WideTable>
    </Stack>
  );
}

export function AccessPage() {
  const { tenant } = route.useParams();
  const [search, change] = useRouteSearch(route);
  const { user = '', account = '', permission = '', kind = '', resource = '' } = search;
  const api = useApi();
  const ask = (asked: typeof search) => change(asked, true);
  const hasThing = kind !== '' && resource.trim() !== '';
  const { data, error, refetch } = useQuery({
    queryKey: ['t', tenant, 'why', search],
    queryFn: async ({ signal }) => {
      const query = {
        ...(user === '' ? {} : { user_id: user }),
        ...(account === '' ? {} : { service_account_id: account }),
        ...(permission === '' ? {} : { permission: permission as Permission }),
        ...(hasThing ? { resource_kind: kind as Kind, resource_id: resource.trim() } : {}),
      };
      return (await api.GET('/access/why', { signal, params: { query } })).data;
    },
  });
  const subject =
    user !== ''
      ? ({ kind: 'user', id: user } as const)
      : account !== ''
        ? ({ kind: 'service_account', id: account } as const)
        : undefined;
  return (
    <Stack maw={1000}>
      <PageHead title={text.nav.access} />
      <Text size="sm" c="dimmed">
        {words.lead}
      </Text>
      <Paper withBorder p="md">
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <SubjectPicker
            label={words.who}
            placeholder={words.self}
            value={subject}
            onChange={(next) =>
              ask({
                user: next?.kind === 'user' ? next.id : undefined,
                account: next?.kind === 'service_account' ? next.id : undefined,
              })
            }
          />
          <NativeSelect
            label={words.permission}
            value={permission}
            data={[{ value: '', label: words.any }, ...allPermissions]}
            onChange={({ currentTarget }) => ask({ permission: currentTarget.value || undefined })}
          />
          <NativeSelect
            label={words.kind}
            value={kind}
            data={[
              { value: '', label: words.whole },
              ...Object.entries(words.kinds).map(([value, label]) => ({ value, label })),
            ]}
            onChange={({ currentTarget }) => ask({ kind: currentTarget.value || undefined, resource: undefined })}
          />
          {kind !== '' && (
            <TextInput
              label={words.resource}
              value={resource}
              onChange={({ currentTarget }) => ask({ resource: currentTarget.value || undefined })}
            />
          )}
        </SimpleGrid>
      </Paper>
      {error && <Problem error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Loading />}
      {data && !error && <Explanation why={data} />}
    </Stack>
  );
}
