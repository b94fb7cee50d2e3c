import { Badge, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { type ReactNode, useId } from 'react';
import { count as counted } from './formats.ts';

/** A part of a page that is a subject of its own, with its heading and what can be done there. */
export function Section({
  title,
  lead,
  count,
  actions,
  danger = false,
  children,
}: {
  readonly title: string;
  readonly lead?: ReactNode;
  /** How many things are in it. */
  readonly count?: number | undefined;
  readonly actions?: ReactNode;
  /** Whether what is done here cannot be taken back. */
  readonly danger?: boolean;
  readonly children?: ReactNode;
}) {
  const id = useId();
  return (
    <Paper
      component="section"
      withBorder
      p="md"
      aria-labelledby={id}
      style={danger ? { borderColor: 'var(--mantine-color-error)' } : undefined}
    >
      <Stack gap="sm">
        <Group justify="space-between" align="flex-start" gap="sm">
          <Stack gap={2} flex={1} miw={200}>
            <Group gap="xs">
              <Title order={2} size="h4" id={id}>
                {title}
              </Title>
              {count !== undefined && (
                <Badge variant="light" color="gray" size="sm">
                  {counted(count)}
                </Badge>
              )}
            </Group>
            {lead !== undefined && (
              <Text component="div" size="sm" c="dimmed" maw={680}>
                {lead}
              </Text>
            )}
          </Stack>
          {actions}
        </Group>
        {children}
      </Stack>
    </Paper>
  );
}
