import { Button, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiOf } from '../api/api.ts';
import { useChange } from '../api/hooks.ts';
import { meQuery } from '../api/me.ts';
import { queryClient } from '../api/query_client.ts';
import { tellDone } from '../app/changes.tsx';
import { ConfirmByTyping } from '../app/confirm_by_typing.tsx';
import { FormError } from '../app/form_error.tsx';
import { PageHead } from '../app/page_head.tsx';
import { saveBlob } from '../app/save.ts';
import { Section } from '../app/section.tsx';
import { text } from './text.ts';

const { data: words } = text;

export function DataPage() {
  const { data: me } = useQuery(meQuery);
  const [isErasing, setErasing] = useState(false);
  const exporting = useChange(async () => {
    const { data } = await apiOf('').POST('/me/export', { parseAs: 'blob' });
    saveBlob(words.file, data);
  }, ['me', 'exports']);
  const erase = async () => {
    await apiOf('').POST('/me/erase', { body: { email: me?.name ?? '' } });
    queryClient.clear();
    location.assign('/sign-in');
  };
  return (
    <Stack maw={860}>
      <PageHead title={words.title} />
      <Section
        title={words.export}
        lead={words.exportLead}
        actions={
          <Button
            variant="default"
            loading={exporting.isPending}
            onClick={() => exporting.mutate(undefined, { onSuccess: () => tellDone(words.exported) })}
          >
            {words.exportNow}
          </Button>
        }
      >
        {exporting.error && <FormError error={exporting.error} />}
      </Section>
      <Section
        danger
        title={words.erase}
        lead={words.eraseLead}
        actions={
          <Button color="red.9" onClick={() => setErasing(true)}>
            {words.eraseNow}
          </Button>
        }
      />
      {isErasing && me && (
        <ConfirmByTyping
          title={words.eraseTitle}
          word={me.name}
          button={words.eraseNow}
          onConfirm={erase}
          onClose={() => setErasing(false)}
        >
          {words.eraseConsequence}
        </ConfirmByTyping>
      )}
    </Stack>
  );
}
