import { NumberInput, SimpleGrid, TextInput } from '@mantine/core';
import { useState } from 'react';
import { apiOf } from '../api/api.ts';
import { useChange } from '../api/hooks.ts';
import { tellDone } from '../app/changes.tsx';
import { FormDialog } from '../app/form_dialog.tsx';
import { operatorKeys, type Tenant } from './queries.ts';
import { text } from './text.ts';

const { tenants: words } = text;

const gigabyte = 1e9;

type Limit = 'max_users' | 'max_projects' | 'max_artifacts' | 'storage' | 'requests_per_second';
const limits: readonly (readonly [Limit, string])[] = [
  ['max_users', words.users],
  ['max_projects', words.projects],
  ['max_artifacts', words.artifacts],
  ['storage', words.storage],
  ['requests_per_second', words.requests],
];
/** Those that may be left to the server. */
const optional: readonly Limit[] = ['storage', 'requests_per_second'];

type Given = Readonly<Record<Limit, string | number>>;

const givenOf = (tenant: Tenant | undefined): Given => ({
  max_users: tenant?.max_users ?? '',
  max_projects: tenant?.max_projects ?? '',
  max_artifacts: tenant?.max_artifacts ?? '',
  storage: tenant?.max_storage_bytes == null ? '' : tenant.max_storage_bytes / gigabyte,
  requests_per_second: tenant?.requests_per_second ?? '',
});

const numberOf = (value: string | number): number | undefined => (value === '' ? undefined : Number(value));

/** What was given, as the API takes it: an empty field leaves a limit to the server, or as it is. */
function bodyOf(given: Given) {
  const storage = numberOf(given.storage);
  const counted = (['max_users', 'max_projects', 'max_artifacts'] as const)
    .map((limit) => [limit, numberOf(given[limit])] as const)
    .filter(([, value]) => value !== undefined);
  return {
    ...Object.fromEntries(counted),
    max_storage_bytes: storage === undefined ? null : Math.round(storage * gigabyte),
    requests_per_second: numberOf(given.requests_per_second) ?? null,
  };
}

/** Makes a tenant, or changes the limits of one. */
export function TenantForm({ tenant, onClose }: { readonly tenant?: Tenant; readonly onClose: () => void }) {
  const [slug, setSlug] = useState('');
  const [name, setName] = useState('');
  const [given, setGiven] = useState(() => givenOf(tenant));
  const saving = useChange(async () => {
    const body = bodyOf(given);
    if (tenant) await apiOf('').PATCH('/tenants/{tenant}', { params: { path: { tenant: tenant.slug } }, body });
    else {
      const named = name.trim() === '' ? {} : { name: name.trim() };
      await apiOf('').POST('/tenants', { body: { slug: slug.trim(), ...named, ...body } });
    }
  }, operatorKeys.tenants);
  const save = () =>
    saving.mutate(undefined, {
      onSuccess: () => {
        tellDone(tenant ? words.saved(tenant.slug) : words.made(slug.trim()));
        onClose();
      },
    });
  return (
    <FormDialog
      title={tenant ? words.limitsOf(tenant.slug) : words.make}
      action={tenant ? words.save : words.make}
      isPending={saving.isPending}
      error={saving.error}
      isReady={tenant !== undefined || slug.trim() !== ''}
      onSubmit={save}
      onClose={onClose}
    >
      {!tenant && (
        <>
          <TextInput
            label={words.slug}
            description={words.slugHint}
            value={slug}
            onChange={({ currentTarget }) => setSlug(currentTarget.value)}
            maxLength={63}
            required
            data-autofocus
          />
          <TextInput
            label={words.name}
            value={name}
            onChange={({ currentTarget }) => setName(currentTarget.value)}
            maxLength={200}
          />
        </>
      )}
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        {limits.map(([limit, label]) => (
          <NumberInput
            key={limit}
            label={label}
            placeholder={!tenant || optional.includes(limit) ? words.asServer : undefined}
            value={given[limit]}
            onChange={(value) => setGiven({ ...given, [limit]: value })}
            min={limit === 'storage' ? 0 : 1}
            allowDecimal={limit === 'storage'}
            thousandSeparator
            hideControls
          />
        ))}
      </SimpleGrid>
    </FormDialog>
  );
}
