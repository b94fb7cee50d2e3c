import { Stack } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { PageHead } from '../app/page_head.tsx';
import { Takes } from '../app/takes.tsx';
import { useRouteSearch } from '../app/use_page_search.ts';
import { AuditLog } from '../audit/audit_log.tsx';
import { tenantLog } from '../audit/homes.ts';
import { useNames } from './people.ts';
import { text } from './text.ts';

const route = getRouteApi('/signed-in/t/$tenant/settings/audit');

export function AuditPage() {
  const { tenant } = route.useParams();
  const [{ q = '' }, change] = useRouteSearch(route);
  return (
    <Stack>
      <PageHead title={text.nav.audit} />
      <Takes permission="audit:read">
        <AuditLog
          key={q}
          home={tenantLog(tenant)}
          q={q}
          onSearch={(next) => change({ q: next || undefined })}
          useNames={useNames}
        />
      </Takes>
    </Stack>
  );
}
