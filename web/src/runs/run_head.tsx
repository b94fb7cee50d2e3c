import { Button, Group, Text } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import { RotateCcw, Trash2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { useMay } from '../api/rights.ts';
import { CopyIcon } from '../app/copy_icon.tsx';
import { ago, duration, isoTime, moment } from '../app/formats.ts';
import { AnchorLink } from '../app/links.tsx';
import { useStage } from './mutations.ts';
import { type Run, useExperiment, useProjectNamed } from './queries.ts';
import { RunName } from './run_name.tsx';
import classes from './runs.module.css';
import { StatusBadge } from './status_badge.tsx';
import { text } from './text.ts';

const Fact = ({ label, children }: { readonly label: string; readonly children: ReactNode }) => (
  <Group gap={6} wrap="nowrap" component="div">
    <Text size="sm" c="dimmed" component="dt">
      {label}
    </Text>
    <Text size="sm" component="dd" m={0} style={{ overflowWrap: 'anywhere' }}>
      {children}
    </Text>
  </Group>
);

/** What a run is: its name, how it stands, when, whose and where it belongs. */
export function RunHead({ run }: { readonly run: Run }) {
  const { tenant = '' } = useParams({ strict: false });
  const canWrite = useMay()('run:write');
  const canDelete = useMay()('run:delete');
  const { remove, restore } = useStage(run.run_id);
  const { data: experiment } = useExperiment(run.experiment_id);
  const { data: project } = useProjectNamed(experiment?.tags['maestro.project']);
  const isDeleted = run.lifecycle_stage === 'deleted';
  const user = run.tags['mlflow.user'] || run.user_id;
  const until = run.end_time ?? Date.now();
  return (
    <header>
      <Group justify="space-between" gap="sm" mb="xs">
        <Group gap="sm">
          <RunName run={run} canWrite={canWrite} />
          <StatusBadge run={run} />
        </Group>
        {canDelete && (
          <Button
            variant="default"
            leftSection={isDeleted ? <RotateCcw size={16} aria-hidden /> : <Trash2 size={16} aria-hidden />}
            onClick={isDeleted ? restore : remove}
          >
            {isDeleted ? text.restore : text.remove}
          </Button>
        )}
      </Group>
      <Group component="dl" gap="xs" m={0} className={classes.facts}>
        <Fact label={text.started}>
          <time dateTime={isoTime(run.start_time)} title={moment(run.start_time)}>
            {ago(run.start_time)}
          </time>
        </Fact>
        <Fact label={text.duration}>
          {duration(Math.max(0, until - run.start_time))}
          {run.end_time === null && ` ${text.soFar}`}
        </Fact>
        <Fact label={text.user}>{user || text.unknown}</Fact>
        <Fact label={text.experiment}>
          <AnchorLink
            to="/t/$tenant/experiments/$experimentId"
            params={{ tenant, experimentId: String(run.experiment_id) }}
          >
            {experiment?.name ?? run.experiment_id}
          </AnchorLink>
        </Fact>
        {project && (
          <Fact label={text.project}>
            <AnchorLink to="/t/$tenant/projects/$projectId" params={{ tenant, projectId: project.project_id }}>
              {project.name}
            </AnchorLink>
          </Fact>
        )}
        <Fact label={text.id}>
          <Group component="span" gap={4} wrap="nowrap">
            <Text component="code" size="xs" ff="monospace">
              {run.run_id}
            </Text>
            <CopyIcon value={run.run_id} what={text.id} />
          </Group>
        </Fact>
      </Group>
    </header>
  );
}
