import { Group, Stack, Text, Title } from '@mantine/core';
import { useTenant } from '../api/hooks.ts';
import { ButtonLink } from '../app/links.tsx';
import { FaultTable, type FileRead } from './fault_table.tsx';
import type { Outcome } from './queries.ts';
import { text } from './text.ts';

export function DoneStep({ outcome, ...of }: { readonly outcome: Outcome } & FileRead) {
  const tenant = useTenant();
  const { imported, bad_rows: skipped, faults } = outcome;
  return (
    <Stack>
      <Title order={2} size="h4">
        {text.imported(imported)}
      </Title>
      {skipped > 0 && <Text>{text.skipped(skipped)}</Text>}
      <FaultTable faults={faults} {...of} />
      <Text>{text.importedLead}</Text>
      <Group>
        <ButtonLink to="/t/$tenant/projects" params={{ tenant }}>
          {text.toProjects}
        </ButtonLink>
        <ButtonLink variant="default" to="/t/$tenant/insight" params={{ tenant }}>
          {text.toInsight}
        </ButtonLink>
      </Group>
    </Stack>
  );
}
