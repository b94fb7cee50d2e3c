import { Button, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiOf } from '../api/api.ts';
import { isRefused } from '../api/said.ts';
import { FormError } from '../app/form_error.tsx';
import { Loading } from '../app/states.tsx';
import { DeviceApproval } from './device_approval.tsx';
import { OutsidePage } from './outside_page.tsx';
import { factorLead } from './sign_in_page.tsx';
import { SignInSteps } from './sign_in_steps.tsx';
import { text } from './text.ts';

const { device } = text;

const plain = (code: string): string => code.toUpperCase().replace(/[\s-]/g, '');

function AskCode({ error, onCode }: { readonly error: Error | null; readonly onCode: (code: string) => void }) {
  const [typed, setTyped] = useState('');
  return (
    <OutsidePage title={device.askTitle} lead={device.askLead}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (plain(typed) !== '') onCode(plain(typed));
        }}
      >
        <TextInput
          label={device.code}
          value={typed}
          onChange={({ currentTarget }) => setTyped(currentTarget.value)}
          maxLength={20}
          required
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          placeholder="XXXX-XXXX"
          ff="monospace"
          autoFocus
        />
        <FormError error={error} />
        <Button type="submit" fullWidth mt="sm">
          {text.factor.goOn}
        </Button>
      </form>
    </OutsidePage>
  );
}

/** Approves the sign-in of a program without a browser, or denies it. `given` is the code of the link, if it holds one. */
export function Device({ given }: { readonly given: string | undefined }) {
  const [code, setCode] = useState(plain(given ?? ''));
  const [isFactor, setFactor] = useState(false);
  const { data, error, refetch } = useQuery({
    queryKey: ['device', code],
    queryFn: async () => (await apiOf('').POST('/auth/device/read', { body: { user_code: code } })).data,
    enabled: code !== '',
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  if (code === '') return <AskCode error={null} onCode={setCode} />;
  const isStranger = isRefused(error, 'unauthenticated');
  if (error && !isStranger)
    return <AskCode error={error} onCode={(next) => (next === code ? refetch() : setCode(next))} />;
  if (data?.is_fresh) return <DeviceApproval code={code} asking={data} />;
  if (data === undefined && !isStranger) return <Loading />;
  const [title, lead] = data ? [device.again, device.againLead] : [text.signIn, device.signInLead];
  return (
    <OutsidePage title={isFactor ? text.factor.title : title} lead={isFactor ? factorLead : lead}>
      <SignInSteps
        atProvider={{ returnTo: `/account#device=${code}` }}
        onFactor={setFactor}
        onDone={() => {
          setFactor(false);
          void refetch();
        }}
      />
    </OutsidePage>
  );
}
