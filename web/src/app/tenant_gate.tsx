import { Outlet } from '@tanstack/react-router';
import { ShieldCheck } from 'lucide-react';
import { useState } from 'react';
import { useFactors } from '../account/queries.ts';
import { useTenant } from '../api/hooks.ts';
import { useRights } from '../api/rights.ts';
import { isRefused } from '../api/said.ts';
import { Empty } from './empty.tsx';
import { ButtonLink } from './links.tsx';
import { PageTitle } from './page_head.tsx';
import { isMissing } from './refusals.ts';
import { NotFound } from './states.tsx';
import { text } from './text.ts';

const { closed } = text;

/** Whether the tenant refuses whoever asks; while that is asked again, as it was. */
function useIsShut(): boolean {
  const { error, isPending } = useRights();
  const [wasShut, setWasShut] = useState(false);
  const isShut = isPending ? wasShut : isRefused(error, 'permission_denied');
  if (isShut !== wasShut) setWasShut(isShut);
  return isShut;
}

/** A tenant's pages; in their place, where it is closed to who signed in without a second factor, the way to one. */
export function TenantGate() {
  const tenant = useTenant();
  const isShut = useIsShut();
  const isAbsent = isMissing(useRights().error);
  // As they are now: the tenant may have closed since they were asked for.
  const { data } = useFactors({ enabled: isShut, staleTime: 0 });
  if (isAbsent) return <NotFound />;
  if (!isShut || data?.required_by.includes(tenant) !== true) return <Outlet />;
  const hasFactor = data.factors.length > 0;
  return (
    <>
      <PageTitle title={tenant} />
      <Empty Icon={ShieldCheck} title={closed.title}>
        <p>{hasFactor ? closed.signInAgain : closed.setUp}</p>
        {!hasFactor && <ButtonLink to="/me/security">{closed.toFactors}</ButtonLink>}
      </Empty>
    </>
  );
}
