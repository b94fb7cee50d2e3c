import { Badge, Group, Stack, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useApi, useTenant } from '../api/hooks.ts';
import { isMissing } from '../app/refusals.ts';
import { Section } from '../app/section.tsx';
import { Loading, Problem } from '../app/states.tsx';
import { readFile } from '../files/source.ts';
import { type Field, mlmodelOf } from './mlmodel.ts';
import type { Model } from './queries.ts';
import { text } from './text.ts';

/** Bytes of an MLmodel file that are read: its beginning tells what is shown. */
const headBytes = 256 * 1024;

const Fields = ({ title, fields }: { readonly title: string; readonly fields: readonly Field[] }) => (
  <Table.ScrollContainer minWidth={240} maxHeight={260}>
    <Table verticalSpacing={4}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{title}</Table.Th>
          <Table.Th>{text.type}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {fields.map(({ name, type }, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: fields may be called alike and do not move
          <Table.Tr key={at}>
            <Table.Td>{name || text.unnamed(at + 1)}</Table.Td>
            <Table.Td>{type}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  </Table.ScrollContainer>
);

/** What a model takes and gives, and by which libraries it can be loaded: out of its MLmodel file. */
export function MlmodelSection({ model }: { readonly model: Model }) {
  const api = useApi();
  const { data, error, refetch, isPending } = useQuery({
    queryKey: ['t', useTenant(), 'mlmodel', model.model_id, model.last_update_time],
    queryFn: async ({ signal }) => {
      const source = { kind: 'model', id: model.model_id } as const;
      try {
        const content = await readFile(api, source, 'MLmodel', signal, { from: 0, to: headBytes - 1 });
        return mlmodelOf(await content.text());
      } catch (refusal) {
        if (isMissing(refusal)) return null;
        throw refusal;
      }
    },
  });
  const isKnown = data && data.flavors.length + data.inputs.length + data.outputs.length > 0;
  return (
    <Section title={text.signature}>
      {error && <Problem error={error} onRetry={() => void refetch()} />}
      {isPending && <Loading />}
      {data !== undefined && !isKnown && (
        <Text size="sm" c="dimmed">
          {text.noMlmodel}
        </Text>
      )}
      {isKnown && (
        <Stack gap="xs">
          <Group gap={4}>
            <Text size="sm" c="dimmed">
              {text.flavors}
            </Text>
            {data.flavors.map((flavor) => (
              <Badge key={flavor} variant="default" tt="none" fw={400}>
                {flavor}
              </Badge>
            ))}
          </Group>
          {data.inputs.length > 0 && <Fields title={text.inputs} fields={data.inputs} />}
          {data.outputs.length > 0 && <Fields title={text.outputs} fields={data.outputs} />}
        </Stack>
      )}
    </Section>
  );
}
