import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiOf } from '../api/api.ts';
import { Loading } from '../app/states.tsx';
import { FactorForm } from './factor_form.tsx';
import { OutsidePage } from './outside_page.tsx';
import { OwnAccount } from './own_account.tsx';
import { addressIn } from './return_path.ts';
import { tellOtherTabs } from './session.ts';
import { text } from './text.ts';

const expired = text.failed(text.failures.expired ?? '');

/** Asks the browser that comes back from a provider for the second factor, and leads on to where the sign-in was for. */
export function ProviderFactor({ returnTo }: { readonly returnTo: string }) {
  const { data, isError } = useQuery({
    queryKey: ['provider-factor'],
    queryFn: async () => (await apiOf('').POST('/auth/providers/second-factor')).data.second_factor,
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const [isOver, setOver] = useState(false);
  if (isError || isOver) return <OwnAccount lead={expired} />;
  if (data === undefined) return <Loading />;
  return (
    <OutsidePage title={text.factor.title} lead={`${text.factor.afterProvider} ${text.factor.lead}`}>
      <FactorForm
        asked={data}
        onAgain={() => setOver(true)}
        send={async (answer) => {
          await apiOf('').POST('/auth/second-factor', { body: { ...answer, cookie: true } });
          tellOtherTabs('signed-in');
          location.assign(addressIn(returnTo, location.origin));
        }}
      />
    </OutsidePage>
  );
}
