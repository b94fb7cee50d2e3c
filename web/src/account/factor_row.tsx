import { ActionIcon, Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { Pencil } from 'lucide-react';
import { useState } from 'react';
import { apiOf } from '../api/api.ts';
import { useAction } from '../api/hooks.ts';
import { tellDone } from '../app/changes.tsx';
import { Confirm } from '../app/confirm.tsx';
import { text as shared } from '../app/text.ts';
import { When } from '../app/when.tsx';
import { type Factor, iconOf } from './factors.tsx';
import { own } from './queries.ts';
import { text } from './text.ts';

const { security: words } = text;

/** A second factor, with its name to be changed in place. */
export function FactorRow({ factor: { id, kind, name, last_used_at: used } }: { readonly factor: Factor }) {
  const [draft, setDraft] = useState<string>();
  const [isRemoving, setRemoving] = useState(false);
  const path = { params: { path: { factor_id: id } } };
  const renaming = useAction(
    (next: string) => apiOf('').PATCH('/me/factors/{factor_id}', { ...path, body: { name: next } }),
    own.factors,
  );
  const Icon = iconOf[kind];
  return (
    <Group component="li" gap="sm" wrap="nowrap" style={{ listStyle: 'none' }}>
      <Icon size={20} aria-hidden style={{ flex: 'none' }} />
      {draft === undefined ? (
        <Stack gap={0} flex={1} miw={0}>
          <Group gap={4} wrap="nowrap">
            <Text fw={600} truncate>
              {name}
            </Text>
            <ActionIcon
              variant="subtle"
              color="gray"
              size="sm"
              aria-label={`${words.rename}: ${name}`}
              onClick={() => setDraft(name)}
            >
              <Pencil size={14} />
            </ActionIcon>
          </Group>
          <Text size="xs" c="dimmed">
            {words[kind]} · {used === null ? words.neverUsed : [`${words.used} `, <When key="used" at={used} />]}
          </Text>
        </Stack>
      ) : (
        <form
          style={{ flex: 1 }}
          onSubmit={(event) => {
            event.preventDefault();
            const next = draft.trim();
            setDraft(undefined);
            if (next !== '' && next !== name) renaming.mutate(next, { onSuccess: () => tellDone(words.renamed) });
          }}
        >
          <Group gap="xs" wrap="nowrap">
            <TextInput
              aria-label={words.factorName}
              value={draft}
              onChange={({ currentTarget }) => setDraft(currentTarget.value)}
              onKeyDown={({ key }) => key === 'Escape' && setDraft(undefined)}
              maxLength={100}
              autoFocus
              flex={1}
              maw={320}
            />
            <Button type="submit" variant="default">
              {shared.save}
            </Button>
          </Group>
        </form>
      )}
      <Button
        variant="default"
        size="compact-sm"
        aria-label={`${words.remove}: ${name}`}
        onClick={() => setRemoving(true)}
      >
        {words.remove}
      </Button>
      {isRemoving && (
        <Confirm
          title={words.removeTitle(name)}
          button={words.removeAnyway}
          changed={own.factors}
          onConfirm={() => apiOf('').DELETE('/me/factors/{factor_id}', path)}
          onDone={() => tellDone(words.removed)}
          onClose={() => setRemoving(false)}
        >
          {words.removeLead}
        </Confirm>
      )}
    </Group>
  );
}
