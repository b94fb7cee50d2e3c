import { Group, NativeSelect, Text, Textarea } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { apiOf } from '../api/api.ts';
import { queryClient } from '../api/query_client.ts';
import { builtInRoles } from '../api/roles.ts';
import { FormDialog } from '../app/form_dialog.tsx';
import { text } from './text.ts';

const { enter: words } = text;

const minutes = [5, 15, 30, 60];

/** Goes into a tenant as an operator, with a reason and for a time that both stand in the tenant's audit log. */
export function EnterForm({ slug, onClose }: { readonly slug: string; readonly onClose: () => void }) {
  const [reason, setReason] = useState('');
  const [time, setTime] = useState('15');
  const [role, setRole] = useState('viewer');
  const entering = useMutation({
    mutationFn: () =>
      apiOf('').POST('/operator/switch', {
        body: { tenant: slug, reason: reason.trim(), minutes: Number(time), role },
      }),
    onSuccess: () => {
      // All that is known was asked by somebody who was not in there.
      queryClient.clear();
      location.assign(`/t/${slug}`);
    },
  });
  return (
    <FormDialog
      title={words.title(slug)}
      action={words.go}
      isPending={entering.isPending}
      error={entering.error}
      isReady={reason.trim().length >= 5}
      onSubmit={() => entering.mutate()}
      onClose={onClose}
    >
      <Text size="sm">{words.lead}</Text>
      <Textarea
        label={words.reason}
        description={words.reasonHint}
        value={reason}
        onChange={({ currentTarget }) => setReason(currentTarget.value)}
        minLength={5}
        maxLength={500}
        rows={2}
        required
        data-autofocus
      />
      <Group grow>
        <NativeSelect
          label={words.minutes}
          value={time}
          data={minutes.map((count) => ({ value: String(count), label: words.minutesOf(count) }))}
          onChange={({ currentTarget }) => setTime(currentTarget.value)}
        />
        <NativeSelect
          label={words.role}
          value={role}
          data={builtInRoles}
          onChange={({ currentTarget }) => setRole(currentTarget.value)}
        />
      </Group>
    </FormDialog>
  );
}
