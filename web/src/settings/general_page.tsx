import { Button, Group, Progress, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useApi, useChange, useTenant } from '../api/hooks.ts';
import { useMay } from '../api/rights.ts';
import { tellDone } from '../app/changes.tsx';
import { FormError } from '../app/form_error.tsx';
import { bytes, count } from '../app/formats.ts';
import { PageHead } from '../app/page_head.tsx';
import { Section } from '../app/section.tsx';
import { Loading, Problem } from '../app/states.tsx';
import { When } from '../app/when.tsx';
import { listKey, useOwnTenant, useUsage } from './queries.ts';
import { text } from './text.ts';

const { general: words } = text;

function NameForm({ name }: { readonly name: string }) {
  const [api, tenant] = [useApi(), useTenant()];
  const [value, setValue] = useState(name);
  const saving = useChange(
    (next: string) => api.PATCH('/tenant', { body: { name: next } }),
    listKey(tenant, 'settings'),
  );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        saving.mutate(value.trim(), { onSuccess: () => tellDone(words.saved) });
      }}
    >
      <Group align="flex-end" gap="xs">
        <TextInput
          label={words.name}
          value={value}
          onChange={({ currentTarget }) => setValue(currentTarget.value)}
          maxLength={200}
          required
          flex={1}
          maw={420}
        />
        <Button type="submit" variant="default" disabled={value.trim() === name} loading={saving.isPending}>
          {words.save}
        </Button>
      </Group>
      <FormError error={saving.error} />
    </form>
  );
}

/** How full something may be before it needs attention, in percent. */
const warnAt = 80;

function Use({
  label,
  used,
  max,
  shown,
}: {
  label: string;
  used: number;
  max: number | null;
  shown: (n: number) => string;
}) {
  const share = max === null || max === 0 ? 0 : (100 * used) / max;
  return (
    <Stack gap={4}>
      <Group justify="space-between" gap="xs">
        <Text size="sm" fw={500}>
          {label}
        </Text>
        <Text size="sm" className="figures">
          {max === null ? `${shown(used)}, ${words.noLimit}` : words.of(shown(used), shown(max))}
        </Text>
      </Group>
      {max !== null && (
        <Progress
          value={share}
          color={share >= 100 ? 'red' : share >= warnAt ? 'orange' : 'indigo'}
          aria-label={label}
        />
      )}
    </Stack>
  );
}

export function GeneralPage() {
  const { data, error, refetch } = useOwnTenant();
  const usage = useUsage();
  const may = useMay();
  return (
    <Stack maw={860}>
      <PageHead title={text.nav.general} />
      {error && <Problem error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Loading />}
      {data && (
        <Section title={words.tenant}>
          <Text size="sm">
            {words.slug}: <b>{data.slug}</b>, {words.since} <When at={data.created_at} />. {words.slugHint}
          </Text>
          {may('tenant:write') && <NameForm key={data.name} name={data.name} />}
        </Section>
      )}
      {usage.error && <Problem error={usage.error} onRetry={() => void usage.refetch()} />}
      {usage.data && (
        <Section title={words.use} lead={words.useLead}>
          <Stack gap="md">
            {(Object.keys(words.kinds) as (keyof typeof words.kinds)[]).map((kind) => (
              <Use
                key={kind}
                label={words.kinds[kind]}
                {...usage.data[kind]}
                shown={kind === 'storage_bytes' ? bytes : count}
              />
            ))}
          </Stack>
        </Section>
      )}
    </Stack>
  );
}
