import { Button, Group, Text } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { apiOf } from '../api/api.ts';
import { meQuery } from '../api/me.ts';
import { queryClient } from '../api/query_client.ts';
import { tellFailure } from '../app/changes.tsx';
import { When } from '../app/when.tsx';
import classes from './stay_banner.module.css';
import { text } from './text.ts';

const { stay: words } = text;

/** Begins anew, as somebody who is in the tenant no more. */
function leaveHere(): void {
  queryClient.clear();
  location.assign('/operator/tenants');
}

/** On every page while an operator is in a tenant: where, why, until when, and the way out. */
export function StayBanner() {
  const { data: me } = useQuery(meQuery);
  const stay = me?.switch;
  const end = stay?.expires_at;
  useEffect(() => {
    if (end === undefined) return undefined;
    // The server says whether it is over: clocks differ.
    const timer = setInterval(async () => {
      if (Date.now() < Date.parse(end)) return;
      const now = await queryClient.fetchQuery({ ...meQuery, staleTime: 0 }).catch(() => undefined);
      if (now?.switch === null) leaveHere();
    }, 5_000);
    return () => clearInterval(timer);
  }, [end]);
  const leaving = useMutation({
    mutationFn: () => apiOf('').DELETE('/operator/switch'),
    onSuccess: leaveHere,
    onError: tellFailure,
  });
  if (!stay) return null;
  return (
    <aside className={classes.banner} aria-label={words.label}>
      <Group justify="space-between" gap="xs">
        <div>
          <Text size="sm" fw={700}>
            {words.banner(stay.tenant, stay.role)}
          </Text>
          <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
            {words.why(stay.reason)} · {words.until} <When at={stay.expires_at} />
          </Text>
        </div>
        <Button size="xs" color="dark" loading={leaving.isPending} onClick={() => leaving.mutate()}>
          {words.leave}
        </Button>
      </Group>
    </aside>
  );
}
