import { Card, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTenant } from '../api/hooks.ts';
import { ago, duration } from '../app/formats.ts';
import { AnchorLink } from '../app/links.tsx';
import { shownName } from '../app/shown_name.ts';
import { Problem } from '../app/states.tsx';
import { useModel } from '../insight/queries.ts';
import { type Attention as Points, useAttention } from './queries.ts';
import { text } from './text.ts';

/** What needs somebody beside runs that failed: each with the place where something can be done. */
export function Attention() {
  const { data, error, refetch } = useAttention();
  const { features: drifted, isKnown } = useDrifted();
  const isQuiet = data !== undefined && isKnown && drifted.length === 0 && Object.values(data).every(isNothing);
  return (
    <Card withBorder>
      <Stack gap="sm">
        <Title order={2} size="h5">
          {text.attention}
        </Title>
        {error && <Problem error={error} onRetry={() => void refetch()} />}
        {isQuiet && <Text c="dimmed">{text.quiet}</Text>}
        {data && <OfWork points={data} />}
        {drifted.length > 0 && <Drifted features={drifted} />}
        {data && <OfTenant points={data} />}
      </Stack>
    </Card>
  );
}

const isNothing = (points: Points[keyof Points]): boolean =>
  typeof points === 'number' ? points === 0 : points.length === 0;

const Point = ({ children }: { readonly children: ReactNode }) => (
  <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
    {children}
  </Text>
);

function OfWork({ points }: { readonly points: Points }) {
  const tenant = useTenant();
  return (
    <>
      {points.silent_runs.map(({ run_id: runId, name, last_time: last }) => (
        <Point key={runId}>
          <AnchorLink to="/t/$tenant/runs/$runId" params={{ tenant, runId }} fz="inherit" fw={600}>
            {shownName(name, runId)}
          </AnchorLink>{' '}
          {text.silent(duration(Date.now() - last))}
        </Point>
      ))}
      {points.late_projects.map(({ project_id: projectId, name, days, predicted_days: most }) => (
        <Point key={projectId}>
          <AnchorLink
            to="/t/$tenant/projects/$projectId"
            params={{ tenant, projectId }}
            search={{ tab: 'prediction' }}
            fz="inherit"
            fw={600}
          >
            {shownName(name, projectId)}
          </AnchorLink>{' '}
          {text.late(days, most)}
        </Point>
      ))}
      {points.failed_jobs.map(({ what, failures }) => (
        <Point key={what}>
          <AnchorLink to="/t/$tenant/insight" params={{ tenant }} fz="inherit" fw={600}>
            {text.jobs[what]}
          </AnchorLink>{' '}
          {text.failedTimes(failures)}
        </Point>
      ))}
    </>
  );
}

function OfTenant({ points }: { readonly points: Points }) {
  const tenant = useTenant();
  const look = { fz: 'inherit', fw: 600 } as const;
  return (
    <>
      {points.full_quotas.map(({ quota, used, max }) => (
        <Point key={quota}>
          <AnchorLink to="/t/$tenant/settings" params={{ tenant }} {...look}>
            {text.quotas[quota]}
          </AnchorLink>{' '}
          {text.full(used / max)}
        </Point>
      ))}
      {points.expiring_keys.map(({ key_id: id, name, expires_at: end, is_own: isOwn }) => (
        <Point key={id}>
          {text.theKey}{' '}
          {isOwn ? (
            <AnchorLink to="/me/keys" search={{ tenant }} {...look}>
              {name}
            </AnchorLink>
          ) : (
            <AnchorLink to="/t/$tenant/settings/machines" params={{ tenant }} {...look}>
              {name}
            </AnchorLink>
          )}{' '}
          {text.expires(ago(Date.parse(end)))}
        </Point>
      ))}
      {points.open_invitations > 0 && (
        <Point>
          <AnchorLink to="/t/$tenant/settings/members" params={{ tenant }} {...look}>
            {text.invitations(points.open_invitations)}
          </AnchorLink>{' '}
          {text.unanswered(points.open_invitations)}
        </Point>
      )}
    </>
  );
}

/** The features of projects that are no longer what was learned from, and whether they are known already. */
function useDrifted() {
  const { data: model, isSuccess: isKnown } = useModel();
  const drifted = model?.outcomes.flatMap(({ drift }) =>
    drift.features.filter((feature) => feature.has_drifted).map(({ label }) => label),
  );
  return { features: [...new Set(drifted)], isKnown };
}

function Drifted({ features }: { readonly features: readonly string[] }) {
  const tenant = useTenant();
  return (
    <Point>
      <AnchorLink to="/t/$tenant/insight" params={{ tenant }} fz="inherit" fw={600}>
        {text.changed}
      </AnchorLink>{' '}
      {text.drifted(features.join(', '))}
    </Point>
  );
}
