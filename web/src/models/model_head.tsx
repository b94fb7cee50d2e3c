import { Badge, Button, Group, Text } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import { LibraryBig, RotateCcw, Trash2 } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useMay } from '../api/rights.ts';
import { CopyIcon } from '../app/copy_icon.tsx';
import { ago, moment } from '../app/formats.ts';
import { AnchorLink } from '../app/links.tsx';
import { PageHead } from '../app/page_head.tsx';
import { shownName } from '../app/shown_name.ts';
import { useExperiment, useRun } from '../runs/queries.ts';
import { type Model, useModelStage } from './queries.ts';
import { text } from './text.ts';

const PromoteDialog = lazy(() =>
  import('../files/promote_dialog.tsx').then(({ PromoteDialog }) => ({ default: PromoteDialog })),
);

function SourceRun({ runId }: { readonly runId: string }) {
  const { tenant = '' } = useParams({ strict: false });
  const { data } = useRun(runId);
  return (
    <Group gap={6} wrap="nowrap">
      <Text size="sm" c="dimmed">
        {text.source}
      </Text>
      <AnchorLink to="/t/$tenant/runs/$runId" params={{ tenant, runId }} size="sm">
        {data ? shownName(data.name, runId) : runId.slice(0, 8)}
      </AnchorLink>
    </Group>
  );
}

/** What a model is, where it comes from, and what can be done with it. */
export function ModelHead({ model }: { readonly model: Model }) {
  const { tenant = '' } = useParams({ strict: false });
  const mayDelete = useMay()('model:delete');
  const mayPromote = useMay()('artifact:write');
  const [isPromoting, setPromoting] = useState(false);
  const { remove, restore } = useModelStage(model.model_id);
  const { data: experiment } = useExperiment(model.experiment_id);
  const isDeleted = model.lifecycle_stage === 'deleted';
  return (
    <header>
      <PageHead title={shownName(model.name, model.model_id)}>
        {mayPromote && !isDeleted && (
          <Button
            variant="default"
            leftSection={<LibraryBig size={16} aria-hidden />}
            onClick={() => setPromoting(true)}
          >
            {text.promote}
          </Button>
        )}
        {mayDelete && (
          <Button
            variant="default"
            leftSection={isDeleted ? <RotateCcw size={16} aria-hidden /> : <Trash2 size={16} aria-hidden />}
            onClick={isDeleted ? restore : remove}
          >
            {isDeleted ? text.restore : text.remove}
          </Button>
        )}
      </PageHead>
      <Group gap="sm" mt="xs">
        <Badge variant="default" tt="none">
          {text.statuses[model.status]}
        </Badge>
        {model.model_type !== '' && <Text size="sm">{model.model_type}</Text>}
        <Text size="sm" title={moment(model.creation_time)}>
          {text.created} {ago(model.creation_time)}
        </Text>
        <Group gap={6} wrap="nowrap">
          <Text size="sm" c="dimmed">
            {text.experiment}
          </Text>
          <AnchorLink
            to="/t/$tenant/experiments/$experimentId"
            params={{ tenant, experimentId: String(model.experiment_id) }}
            size="sm"
          >
            {experiment?.name ?? model.experiment_id}
          </AnchorLink>
        </Group>
        {/^[0-9a-f]{32}$/.test(model.source_run_id) && <SourceRun runId={model.source_run_id} />}
        <Group gap={4} wrap="nowrap">
          <Text component="code" size="xs" ff="monospace" style={{ overflowWrap: 'anywhere' }}>
            models:/{model.model_id}
          </Text>
          <CopyIcon value={`models:/${model.model_id}`} what={text.modelUri} />
        </Group>
      </Group>
      {isPromoting && (
        <Suspense>
          <PromoteDialog
            of={{ model_id: model.model_id }}
            suggestion={model.name}
            onClose={() => setPromoting(false)}
          />
        </Suspense>
      )}
    </header>
  );
}
