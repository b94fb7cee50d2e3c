import { Button, NumberInput, SimpleGrid, Stack, Switch } from '@mantine/core';
import { useState } from 'react';
import type { BodyOf } from '../api/contract_types.ts';
import { useApi, useChange, useTenant } from '../api/hooks.ts';
import { tellDone } from '../app/changes.tsx';
import { FormError } from '../app/form_error.tsx';
import { PageHead } from '../app/page_head.tsx';
import { Section } from '../app/section.tsx';
import { Loading, Problem } from '../app/states.tsx';
import { Takes } from '../app/takes.tsx';
import { ComersForm } from './comers_form.tsx';
import { useComers, useOwnTenant } from './queries.ts';
import { text } from './text.ts';

const { signIn: words } = text;

type Settings = NonNullable<ReturnType<typeof useOwnTenant>['data']>;

/** A number, or null where none is given. */
const numberOf = (value: string | number): number | null => (value === '' ? null : Number(value));

function SecurityForm({ settings }: { readonly settings: Settings }) {
  const [api, tenant] = [useApi(), useTenant()];
  const [isFactor, setFactor] = useState(settings.requires_factor);
  const [days, setDays] = useState<string | number>(settings.session_days ?? '');
  const [idle, setIdle] = useState<string | number>(settings.session_idle_minutes ?? '');
  const saving = useChange(
    (body: BodyOf<'/tenant', 'patch'>) => api.PATCH('/tenant', { body }),
    // All of the tenant: it may be closed now to who asks.
    ['t', tenant],
  );
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        // Only what was changed: what keeps the tenant closed takes a fresh proof of who asks.
        const wish = {
          ...(isFactor === settings.requires_factor ? {} : { requires_factor: isFactor }),
          ...(numberOf(days) === settings.session_days ? {} : { session_days: numberOf(days) }),
          ...(numberOf(idle) === settings.session_idle_minutes ? {} : { session_idle_minutes: numberOf(idle) }),
        };
        if (Object.keys(wish).length > 0) saving.mutate(wish, { onSuccess: () => tellDone(words.saved) });
      }}
    >
      <Stack gap="sm">
        <Switch
          label={words.factor}
          description={words.factorHint}
          checked={isFactor}
          onChange={({ currentTarget }) => setFactor(currentTarget.checked)}
        />
        <SimpleGrid cols={{ base: 1, xs: 2 }} maw={560}>
          <NumberInput
            label={words.days}
            placeholder={words.asServer}
            value={days}
            onChange={setDays}
            min={1}
            max={365}
            allowDecimal={false}
            hideControls
          />
          <NumberInput
            label={words.idle}
            placeholder={words.asServer}
            value={idle}
            onChange={setIdle}
            min={5}
            max={525_600}
            allowDecimal={false}
            hideControls
          />
        </SimpleGrid>
        <FormError error={saving.error} />
        <Button type="submit" style={{ alignSelf: 'flex-start' }} loading={saving.isPending}>
          {words.save}
        </Button>
      </Stack>
    </form>
  );
}

export function SignInSettingsPage() {
  const settings = useOwnTenant();
  const comers = useComers();
  const error = settings.error ?? comers.error;
  return (
    <Stack maw={860}>
      <PageHead title={text.nav.signIn} />
      <Takes permission="tenant:write">
        {error && (
          <Problem
            error={error}
            onRetry={() => {
              void settings.refetch();
              void comers.refetch();
            }}
          />
        )}
        {!error && !(settings.data && comers.data) && <Loading />}
        {settings.data && comers.data && (
          <>
            <Section title={words.security}>
              <SecurityForm key={settings.data.updated_at} settings={settings.data} />
            </Section>
            <Section title={words.comers} lead={words.comersLead}>
              <ComersForm key={JSON.stringify(comers.data)} comers={comers.data} />
            </Section>
          </>
        )}
      </Takes>
    </Stack>
  );
}
