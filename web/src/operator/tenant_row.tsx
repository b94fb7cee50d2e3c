import { Badge, Button, Group, Table } from '@mantine/core';
import { useState } from 'react';
import { apiOf } from '../api/api.ts';
import { useAction } from '../api/hooks.ts';
import { askAnew } from '../api/query_client.ts';
import { offerUndo, tellDone } from '../app/changes.tsx';
import { ConfirmByTyping } from '../app/confirm_by_typing.tsx';
import { When } from '../app/when.tsx';
import { EnterForm } from './enter_form.tsx';
import { operatorKeys, type Tenant } from './queries.ts';
import { TenantForm } from './tenant_form.tsx';
import { text } from './text.ts';

const { tenants: words } = text;

export function TenantRow({ tenant }: { readonly tenant: Tenant }) {
  const [asked, setAsked] = useState<'limits' | 'enter' | 'remove'>();
  const { slug, name, is_active: isActive } = tenant;
  const path = { params: { path: { tenant: slug } } };
  const opening = useAction(
    (open: boolean) => apiOf('').PATCH('/tenants/{tenant}', { ...path, body: { is_active: open } }),
    operatorKeys.tenants,
  );
  const toggle = () =>
    opening.mutate(!isActive, {
      onSuccess: () =>
        offerUndo(isActive ? words.suspended(slug) : words.reopened(slug), () => opening.mutate(isActive)),
    });
  const remove = async () => {
    await apiOf('').DELETE('/tenants/{tenant}', path);
    tellDone(words.removed(slug));
    setAsked(undefined);
    await askAnew(operatorKeys.tenants);
  };
  const close = () => setAsked(undefined);
  return (
    <Table.Tr>
      <Table.Td fw={600}>{slug}</Table.Td>
      <Table.Td style={{ overflowWrap: 'anywhere' }}>{name}</Table.Td>
      <Table.Td>
        <Badge variant="light" color={isActive ? 'green' : 'orange'}>
          {isActive ? words.active : words.closed}
        </Badge>
      </Table.Td>
      <Table.Td>
        <When at={tenant.created_at} />
      </Table.Td>
      <Table.Td>
        <Group gap={6} justify="flex-end" wrap="nowrap">
          {isActive && (
            <Button
              size="compact-sm"
              variant="default"
              aria-label={words.enterLabel(slug)}
              onClick={() => setAsked('enter')}
            >
              {words.enter}
            </Button>
          )}
          <Button
            size="compact-sm"
            variant="default"
            aria-label={words.limitsLabel(slug)}
            onClick={() => setAsked('limits')}
          >
            {words.limits}
          </Button>
          <Button
            size="compact-sm"
            variant="default"
            aria-label={isActive ? words.suspendLabel(slug) : words.reopenLabel(slug)}
            loading={opening.isPending}
            onClick={toggle}
          >
            {isActive ? words.suspend : words.reopen}
          </Button>
          <Button
            size="compact-sm"
            variant="default"
            aria-label={words.removeLabel(slug)}
            onClick={() => setAsked('remove')}
          >
            {words.remove}
          </Button>
        </Group>
        {asked === 'limits' && <TenantForm tenant={tenant} onClose={close} />}
        {asked === 'enter' && <EnterForm slug={slug} onClose={close} />}
        {asked === 'remove' && (
          <ConfirmByTyping
            title={words.removeTitle(slug)}
            word={slug}
            button={words.remove}
            onConfirm={remove}
            onClose={close}
          >
            {words.removeConsequence}
          </ConfirmByTyping>
        )}
      </Table.Td>
    </Table.Tr>
  );
}
