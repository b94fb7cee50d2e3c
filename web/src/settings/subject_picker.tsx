import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi, useTenant } from '../api/hooks.ts';
import { useMay } from '../api/rights.ts';
import { useNames } from './people.ts';
import { listKey, useAccounts } from './queries.ts';
import { text } from './text.ts';

export interface Subject {
  readonly kind: 'user' | 'service_account';
  readonly id: string;
}

const found = 20;

/** Chooses a member, found by the server as one types, or a service account. */
export function SubjectPicker({
  label,
  placeholder,
  value,
  onChange,
}: {
  readonly label: string;
  readonly placeholder?: string;
  readonly value: Subject | undefined;
  readonly onChange: (subject: Subject | undefined) => void;
}) {
  const [api, tenant] = [useApi(), useTenant()];
  const may = useMay();
  const [typed, setTyped] = useState('');
  const [q] = useDebouncedValue(typed.trim(), 200);
  const nameOf = useNames(value ? [value.id] : []);
  const { data: members = [] } = useQuery({
    queryKey: [...listKey(tenant, 'members'), 'like', q],
    queryFn: async ({ signal }) =>
      (await api.GET('/members', { signal, params: { query: { limit: found, ...(q === '' ? {} : { q }) } } })).data
        .items,
    enabled: may('member:read'),
  });
  const { data: accounts } = useAccounts();
  const people = members.map(({ user_id: id, name, email }) => ({
    value: `user ${id}`,
    label: name === '' ? email : `${name} (${email})`,
  }));
  const machines = (accounts?.pages ?? []).flatMap(({ items }) =>
    items.map(({ id, name }) => ({ value: `service_account ${id}`, label: name })),
  );
  const chosen = value && `${value.kind} ${value.id}`;
  const isListed = [...people, ...machines].some((option) => option.value === chosen);
  const groups = [
    { group: text.access.person, items: people },
    { group: text.access.account, items: machines },
    ...(value && chosen && !isListed
      ? [{ group: text.access.who, items: [{ value: chosen, label: nameOf(value.id) }] }]
      : []),
  ];
  return (
    <Select
      label={label}
      placeholder={placeholder}
      searchable
      clearable
      clearButtonProps={{ 'aria-label': text.access.self }}
      value={chosen ?? null}
      data={groups.filter(({ items }) => items.length > 0)}
      onSearchChange={setTyped}
      // The server has searched, in more than the label.
      filter={({ options }) => options}
      onChange={(next) => {
        const [kind, id] = next?.split(' ') ?? [];
        onChange(id === undefined ? undefined : { kind: kind as Subject['kind'], id });
      }}
    />
  );
}
