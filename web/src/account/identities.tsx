import { Button, Group, Stack, Text } from '@mantine/core';
import { apiOf } from '../api/api.ts';
import { useAction } from '../api/hooks.ts';
import { useProviders } from '../api/providers.ts';
import { tellDone } from '../app/changes.tsx';
import { Section } from '../app/section.tsx';
import { Problem } from '../app/states.tsx';
import { When } from '../app/when.tsx';
import { own, useIdentities } from './queries.ts';
import { text } from './text.ts';

const { security: words } = text;

/** Accounts at identity providers, to be added and removed. */
export function Identities() {
  const { data: identities, error, refetch } = useIdentities();
  const { data: providers = [] } = useProviders();
  const linking = useAction(async (provider: string) => {
    const { data } = await apiOf('').POST('/me/identities/{provider}/begin', {
      params: { path: { provider } },
      body: { return_to: '/me/security' },
    });
    location.assign(data.authorization_url);
  }, own.identities);
  const removing = useAction(
    (id: string) => apiOf('').DELETE('/me/identities/{identity_id}', { params: { path: { identity_id: id } } }),
    own.identities,
  );
  const labelOf = (name: string) => providers.find((provider) => provider.name === name)?.label ?? name;
  const free = providers.filter(({ name }) => !identities?.some(({ provider }) => provider === name));
  if (providers.length === 0 && identities?.length === 0) return null;
  return (
    <Section title={words.identities} lead={words.identitiesLead}>
      {error && <Problem error={error} onRetry={() => void refetch()} />}
      {identities?.length === 0 && <Text size="sm">{words.noIdentities}</Text>}
      <Stack gap="xs">
        {identities?.map(({ id, provider, email, last_used_at: used }) => (
          <Group key={id} justify="space-between" wrap="nowrap">
            <Stack gap={0} miw={0}>
              <Text fw={600}>{labelOf(provider)}</Text>
              <Text size="xs" c="dimmed" truncate>
                {email} · {used === null ? words.neverUsed : [`${words.used} `, <When key="used" at={used} />]}
              </Text>
            </Stack>
            <Button
              variant="default"
              size="compact-sm"
              aria-label={`${words.unlink}: ${labelOf(provider)}`}
              loading={removing.isPending && removing.variables === id}
              onClick={() => removing.mutate(id, { onSuccess: () => tellDone(words.unlinked) })}
            >
              {words.unlink}
            </Button>
          </Group>
        ))}
      </Stack>
      {free.length > 0 && (
        <Group gap="xs">
          {free.map(({ name, label }) => (
            <Button
              key={name}
              variant="default"
              loading={linking.isPending && linking.variables === name}
              onClick={() => linking.mutate(name)}
            >
              {words.link(label)}
            </Button>
          ))}
        </Group>
      )}
    </Section>
  );
}
