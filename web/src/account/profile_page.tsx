import { Badge, Button, Group, Stack, Table, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiOf } from '../api/api.ts';
import { useAction, useChange } from '../api/hooks.ts';
import { meQuery, profileQuery } from '../api/me.ts';
import { tellDone } from '../app/changes.tsx';
import { FormError } from '../app/form_error.tsx';
import { ButtonLink } from '../app/links.tsx';
import { PageHead } from '../app/page_head.tsx';
import { Section } from '../app/section.tsx';
import { Loading, Problem } from '../app/states.tsx';
import { EmailForm } from './email_form.tsx';
import { own } from './queries.ts';
import { text } from './text.ts';

const { profile: words } = text;

function NameForm({ name }: { readonly name: string }) {
  const [value, setValue] = useState(name);
  const saving = useChange((next: string) => apiOf('').PATCH('/me/profile', { body: { name: next } }), own.profile);
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
          description={words.nameHint}
          value={value}
          onChange={({ currentTarget }) => setValue(currentTarget.value)}
          maxLength={200}
          autoComplete="name"
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

function Memberships() {
  const { data: me } = useQuery(meQuery);
  const memberships = me?.memberships ?? [];
  return (
    <Section title={words.memberships} lead={words.membershipsLead}>
      {memberships.length === 0 ? (
        <Text size="sm">{words.none}</Text>
      ) : (
        <Table>
          <Table.Tbody>
            {memberships.map(({ tenant, role }) => (
              <Table.Tr key={tenant.id}>
                <Table.Td fw={600}>{tenant.slug}</Table.Td>
                <Table.Td>{role}</Table.Td>
                <Table.Td ta="right">
                  <ButtonLink
                    size="compact-sm"
                    variant="default"
                    to="/t/$tenant"
                    params={{ tenant: tenant.slug }}
                    aria-label={`${words.open} ${tenant.slug}`}
                  >
                    {words.open}
                  </ButtonLink>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Section>
  );
}

export function ProfilePage() {
  const { data, error, refetch } = useQuery(profileQuery);
  const [isChanging, setChanging] = useState(false);
  const verifying = useAction(() => apiOf('').POST('/auth/request-email-verification'), own.profile);
  return (
    <Stack maw={860}>
      <PageHead title={words.title} />
      {error && <Problem error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Loading />}
      {data && (
        <>
          <Section title={data.name === '' ? data.email : data.name}>
            <NameForm key={data.name} name={data.name} />
          </Section>
          <Section
            title={words.email}
            actions={
              !isChanging && (
                <Button variant="default" onClick={() => setChanging(true)}>
                  {words.change}
                </Button>
              )
            }
          >
            <Group gap="xs">
              <Text style={{ overflowWrap: 'anywhere' }}>{data.email}</Text>
              <Badge variant="light" color={data.email_verified_at === null ? 'yellow' : 'green'}>
                {data.email_verified_at === null ? words.unverified : words.verified}
              </Badge>
              {data.email_verified_at === null && (
                <Button
                  size="compact-sm"
                  variant="subtle"
                  loading={verifying.isPending}
                  onClick={() => verifying.mutate(undefined, { onSuccess: () => tellDone(words.verifySent) })}
                >
                  {words.verify}
                </Button>
              )}
            </Group>
            {isChanging && <EmailForm onClose={() => setChanging(false)} />}
          </Section>
          <Memberships />
        </>
      )}
    </Stack>
  );
}
