import { Badge, Group, Paper, Stack, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { count as counted } from './formats.ts';

/** A part of a page: its heading, how many things are in it, what can be done there. */
export function Section(props: {
  readonly title: string;
  readonly count?: number | undefined;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}) {
  return (
    <Paper component="section" withBorder p="sm" aria-label={props.title}>
      <Stack gap="xs">
        <Group justify="space-between" gap="xs">
          <Group gap="xs">
            <Title order={2} size="h5">
              {props.title}
            </Title>
            {props.count !== undefined && (
              <Badge variant="light" color="gray" size="sm">
                {counted(props.count)}
              </Badge>
            )}
          </Group>
          <Group gap="xs">{props.actions}</Group>
        </Group>
        {props.children}
      </Stack>
    </Paper>
  );
}
