import { Button, NativeSelect, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { KeyRound } from 'lucide-react';
import { useState } from 'react';
import { meQuery } from '../api/me.ts';
import { Empty } from '../app/empty.tsx';
import { PageHead } from '../app/page_head.tsx';
import { useRouteSearch } from '../app/use_page_search.ts';
import { ownKeys } from '../keys/homes.ts';
import { KeyForm } from '../keys/key_form.tsx';
import { KeyList } from '../keys/key_list.tsx';
import { text as keys } from '../keys/text.ts';
import { text } from './text.ts';

const { keys: words } = text;
const route = getRouteApi('/signed-in/me/keys');

export function KeysPage() {
  const { data: me } = useQuery(meQuery);
  const [search, change] = useRouteSearch(route);
  const [isMaking, setMaking] = useState(false);
  const slugs = (me?.memberships ?? []).map(({ tenant }) => tenant.slug);
  const tenant = search.tenant ?? me?.tenant?.tenant.slug ?? slugs[0];
  if (tenant === undefined) {
    return (
      <Stack>
        <PageHead title={words.title} />
        <Empty Icon={KeyRound} title={words.noTenant} />
      </Stack>
    );
  }
  const home = ownKeys(tenant);
  return (
    <Stack maw={1100}>
      <PageHead title={words.title}>
        {slugs.length > 1 && (
          <NativeSelect
            aria-label={words.tenant}
            value={tenant}
            data={slugs}
            onChange={({ currentTarget }) => change({ tenant: currentTarget.value })}
          />
        )}
        <Button onClick={() => setMaking(true)}>{keys.make}</Button>
      </PageHead>
      <Text size="sm" c="dimmed">
        {words.lead}
      </Text>
      <KeyList home={home} />
      {isMaking && <KeyForm home={home} onClose={() => setMaking(false)} />}
    </Stack>
  );
}
