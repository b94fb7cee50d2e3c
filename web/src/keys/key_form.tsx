import { Button, Code, NativeSelect, Stack, Switch, TagsInput, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useChange } from '../api/hooks.ts';
import type { Permission } from '../api/rights.ts';
import { FormDialog } from '../app/form_dialog.tsx';
import { PermissionMatrix } from '../app/permission_matrix.tsx';
import { SecretOnce } from '../app/secret_once.tsx';
import type { KeyHome, NewKey } from './homes.ts';
import { text } from './text.ts';

/** A secret that was made, and how the genuine client takes it. */
export function MadeKey({ secret, onClose }: { readonly secret: string; readonly onClose: () => void }) {
  return (
    <Stack>
      <SecretOnce title={text.yourKey} value={secret} />
      <div>
        <Text size="sm" fw={500}>
          {text.use}
        </Text>
        <Code block style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }}>
          {text.lines(location.origin, secret)}
        </Code>
      </div>
      <Button onClick={onClose} data-autofocus>
        {text.done}
      </Button>
    </Stack>
  );
}

/** Makes a key: with a name, an end, and where wanted less than its holder may. */
export function KeyForm({ home, onClose }: { readonly home: KeyHome; readonly onClose: () => void }) {
  const [name, setName] = useState('');
  const [expiry, setExpiry] = useState('90');
  const [isLimited, setLimited] = useState(false);
  const [scopes, setScopes] = useState<ReadonlySet<Permission>>(new Set());
  const [addresses, setAddresses] = useState<string[]>([]);
  const making = useChange((key: NewKey) => home.make(key), home.queryKey);
  const key: NewKey = {
    name: name.trim(),
    ...(expiry === 'never' ? { expires: 'never' as const } : { expires_in_days: Number(expiry) }),
    ...(isLimited ? { scopes: [...scopes] } : {}),
    ...(addresses.length > 0 ? { allowed_addresses: addresses } : {}),
  };
  return (
    <FormDialog
      title={text.make}
      action={text.make}
      isPending={making.isPending}
      error={making.error}
      isReady={name.trim() !== '' && (!isLimited || scopes.size > 0)}
      onSubmit={() => making.mutate(key)}
      onClose={onClose}
      result={making.data && <MadeKey secret={making.data} onClose={onClose} />}
    >
      <TextInput
        label={text.name}
        description={text.nameHint}
        value={name}
        onChange={({ currentTarget }) => setName(currentTarget.value)}
        maxLength={200}
        required
        data-autofocus
      />
      <NativeSelect
        label={text.expiry}
        description={expiry === 'never' ? text.neverHint : undefined}
        value={expiry}
        onChange={({ currentTarget }) => setExpiry(currentTarget.value)}
        data={text.expiries}
      />
      <TagsInput
        label={text.addresses}
        description={text.addressesHint}
        value={addresses}
        onChange={setAddresses}
        splitChars={[',', ' ']}
        acceptValueOnBlur
      />
      <Switch
        label={text.limit}
        description={text.limitHint}
        checked={isLimited}
        onChange={({ currentTarget }) => setLimited(currentTarget.checked)}
      />
      {isLimited && <PermissionMatrix value={scopes} onChange={setScopes} />}
    </FormDialog>
  );
}
