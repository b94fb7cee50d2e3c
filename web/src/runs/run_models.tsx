import { Group, Stack, Text } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import { ago } from '../app/formats.ts';
import { AnchorLink } from '../app/links.tsx';
import { Section } from '../app/section.tsx';
import { shownName } from '../app/shown_name.ts';
import { Problem } from '../app/states.tsx';
import { useModel } from '../models/queries.ts';
import { type Run, useRunInputs, useRunOutputs } from './queries.ts';
import { text } from './text.ts';

/** Models that are shown by name; a run with more of them says how many. */
const shownMax = 100;

function ModelLine({ modelId, step }: { readonly modelId: string; readonly step?: number }) {
  const { tenant = '' } = useParams({ strict: false });
  const { data: model, isError } = useModel(modelId);
  return (
    <Group gap="xs">
      <AnchorLink to="/t/$tenant/models/$modelId" params={{ tenant, modelId }} size="sm">
        {model ? shownName(model.name, modelId) : modelId}
      </AnchorLink>
      {isError && (
        <Text size="sm" c="dimmed">
          {text.goneModel}
        </Text>
      )}
      {model && (
        <Text size="xs" c="dimmed">
          {model.model_type} {ago(model.creation_time)}
        </Text>
      )}
      {step !== undefined && (
        <Text size="xs" c="dimmed">
          {text.atStep(step)}
        </Text>
      )}
    </Group>
  );
}

/** The models that a run wrote and read. */
export function RunModels({ run }: { readonly run: Run }) {
  const outputs = useRunOutputs(run.run_id);
  const inputs = useRunInputs(run.run_id);
  const written = outputs.data?.models ?? [];
  const read = inputs.data?.models ?? [];
  return (
    <Stack>
      {outputs.error && <Problem error={outputs.error} onRetry={() => void outputs.refetch()} />}
      <Section title={text.outputs} count={outputs.data && written.length}>
        {outputs.data && written.length === 0 && (
          <Text size="sm" c="dimmed">
            {text.noModels}
          </Text>
        )}
        {written.slice(0, shownMax).map(({ model_id: id, step }) => (
          <ModelLine key={id} modelId={id} step={step} />
        ))}
      </Section>
      {read.length > 0 && (
        <Section title={text.inputs} count={read.length}>
          {read.slice(0, shownMax).map(({ model_id: id }) => (
            <ModelLine key={id} modelId={id} />
          ))}
        </Section>
      )}
    </Stack>
  );
}
