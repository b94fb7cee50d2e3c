import { Button, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useEffect } from 'react';
import { apiOf } from '../api/api.ts';
import { useProviders } from '../api/providers.ts';
import { FormError } from '../app/form_error.tsx';
import { onNews } from './session.ts';
import { text } from './text.ts';

/** The part of the flow at a provider that differs: with the page, or in a window beside a page that must stay. */
export interface AtProvider {
  /** A path of ours that the provider's answer leads to in the end. */
  readonly returnTo: string;
  readonly tenant?: string | undefined;
  /** Where this page stays: called once another window has signed in. */
  readonly onElsewhere?: (() => void) | undefined;
}

/** The window must be opened by the press itself, or the browser blocks it; where it goes is known later. */
function windowBeside(): Window {
  const beside = window.open('about:blank', '_blank', 'popup,width=520,height=720');
  if (beside === null) throw new Error(text.windowBlocked);
  return beside;
}

/** A button for each identity provider; none where this Maestro has none. */
export function ProviderButtons({ returnTo, tenant, onElsewhere }: AtProvider) {
  const { data: providers = [] } = useProviders();
  const going = useMutation({
    mutationFn: async (provider: string) => {
      const beside = onElsewhere ? windowBeside() : undefined;
      const begun = apiOf('').POST('/auth/providers/{provider}/begin', {
        params: { path: { provider } },
        body: { return_to: returnTo, cookie: true, ...(tenant === undefined ? {} : { tenant }) },
      });
      try {
        const { data } = await begun;
        if (beside) beside.location.href = data.authorization_url;
        else location.assign(data.authorization_url);
      } catch (error) {
        beside?.close();
        throw error;
      }
    },
  });
  useEffect(() => (onElsewhere ? onNews((news) => news === 'signed-in' && onElsewhere()) : undefined), [onElsewhere]);
  if (providers.length === 0) return null;
  return (
    <Stack gap="xs">
      {providers.map(({ name, label }) => (
        <Button
          key={name}
          variant="default"
          fullWidth
          loading={going.isPending && going.variables === name}
          disabled={going.isPending}
          onClick={() => going.mutate(name)}
        >
          {text.provider(label)}
        </Button>
      ))}
      <FormError error={going.error} />
      {onElsewhere && going.isSuccess && (
        <Text size="sm" role="status">
          {text.waitsElsewhere}
        </Text>
      )}
    </Stack>
  );
}
