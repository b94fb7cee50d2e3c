import {
  ActionIcon,
  Button,
  Checkbox,
  Group,
  Input,
  NativeSelect,
  Stack,
  TagsInput,
  Text,
  TextInput,
} from '@mantine/core';
import { X } from 'lucide-react';
import { useState } from 'react';
import { useApi, useChange, useTenant } from '../api/hooks.ts';
import { useProviders } from '../api/providers.ts';
import { tellDone } from '../app/changes.tsx';
import { FormError } from '../app/form_error.tsx';
import { listKey, type useComers, useRoleNames } from './queries.ts';
import { text } from './text.ts';

const { signIn: words } = text;

type Comers = NonNullable<ReturnType<typeof useComers>['data']>;
type GroupRole = Comers['group_roles'][number];

function GroupRoles({
  value,
  onChange,
  providers,
  roles,
}: {
  readonly value: readonly GroupRole[];
  readonly onChange: (value: GroupRole[]) => void;
  readonly providers: readonly string[];
  readonly roles: string[];
}) {
  const set = (at: number, change: Partial<GroupRole>) =>
    onChange(value.map((each, index) => (index === at ? { ...each, ...change } : each)));
  return (
    <Stack gap="xs">
      <Input.Label component="div">{words.groups}</Input.Label>
      {value.map((each, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row is where it stands while it is typed
        <Group key={at} gap="xs" wrap="nowrap">
          <TextInput
            aria-label={words.group}
            placeholder={words.group}
            value={each.group}
            onChange={({ currentTarget }) => set(at, { group: currentTarget.value })}
            flex={1}
          />
          <NativeSelect
            aria-label={words.provider}
            value={each.provider}
            data={[...providers]}
            onChange={({ currentTarget }) => set(at, { provider: currentTarget.value })}
          />
          <NativeSelect
            aria-label={words.role}
            value={each.role}
            data={roles}
            onChange={({ currentTarget }) => set(at, { role: currentTarget.value })}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={words.removeGroup(each.group)}
            onClick={() => onChange(value.filter((_, index) => index !== at))}
          >
            <X size={16} />
          </ActionIcon>
        </Group>
      ))}
      <Button
        variant="default"
        size="xs"
        style={{ alignSelf: 'flex-start' }}
        onClick={() => onChange([...value, { provider: providers[0] ?? '', group: '', role: roles[0] ?? 'viewer' }])}
      >
        {words.addGroup}
      </Button>
    </Stack>
  );
}

/** Who becomes a member by signing in at an identity provider, and by which role. */
export function ComersForm({ comers }: { readonly comers: Comers }) {
  const [api, tenant] = [useApi(), useTenant()];
  const roles = useRoleNames();
  const [wish, setWish] = useState(comers);
  const { data: providers = [] } = useProviders();
  const saving = useChange((body: Comers) => api.PATCH('/tenant/sign-in', { body }), listKey(tenant, 'comers'));
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        saving.mutate(wish, { onSuccess: () => tellDone(words.saved) });
      }}
    >
      <Stack gap="sm">
        <TagsInput
          label={words.domains}
          description={words.domainsHint}
          value={wish.allowed_email_domains}
          onChange={(domains) => setWish({ ...wish, allowed_email_domains: domains })}
          splitChars={[',', ' ']}
          acceptValueOnBlur
        />
        {providers.length === 0 ? (
          <Text size="sm" c="dimmed">
            {words.noProviders}
          </Text>
        ) : (
          <>
            <Checkbox.Group
              label={words.providers}
              value={wish.jit_providers}
              onChange={(names) => setWish({ ...wish, jit_providers: names })}
            >
              <Group mt={4}>
                {providers.map(({ name, label }) => (
                  <Checkbox key={name} value={name} label={label} />
                ))}
              </Group>
            </Checkbox.Group>
            <NativeSelect
              label={words.jitRole}
              value={wish.jit_role}
              data={roles}
              onChange={({ currentTarget }) => setWish({ ...wish, jit_role: currentTarget.value })}
              maw={280}
            />
            <GroupRoles
              value={wish.group_roles}
              onChange={(groups) => setWish({ ...wish, group_roles: groups })}
              providers={providers.map(({ name }) => name)}
              roles={roles}
            />
          </>
        )}
        <FormError error={saving.error} />
        <Button type="submit" style={{ alignSelf: 'flex-start' }} loading={saving.isPending}>
          {words.save}
        </Button>
      </Stack>
    </form>
  );
}
