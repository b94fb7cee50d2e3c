import { Stack } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { PageHead } from '../app/page_head.tsx';
import { useRouteSearch } from '../app/use_page_search.ts';
import { AuditLog } from '../audit/audit_log.tsx';
import { operatorsLog } from '../audit/homes.ts';
import { OperatorsOnly } from './operators_only.tsx';
import { useUsers } from './queries.ts';
import { text } from './text.ts';

const route = getRouteApi('/signed-in/operator/audit');

/** Names of the users that are listed first; others stay ids, by which they are found. */
function useUserNames(): (id: string) => string {
  const { data } = useUsers('');
  const names = new Map((data?.pages ?? []).flatMap(({ items }) => items.map(({ id, email }) => [id, email] as const)));
  return (id) => names.get(id) ?? id;
}

export function AuditPage() {
  const [{ q = '' }, change] = useRouteSearch(route);
  return (
    <Stack>
      <PageHead title={text.audit.title} />
      <OperatorsOnly>
        <AuditLog
          key={q}
          home={operatorsLog()}
          q={q}
          onSearch={(next) => change({ q: next || undefined })}
          useNames={useUserNames}
        />
      </OperatorsOnly>
    </Stack>
  );
}
