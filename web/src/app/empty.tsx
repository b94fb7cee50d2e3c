import { Stack, Text, Title } from '@mantine/core';
import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';

/** In place of a list that holds nothing: what would stand there, and how it gets there. */
export function Empty({
  Icon,
  title,
  children,
}: {
  readonly Icon: LucideIcon;
  readonly title: string;
  readonly children?: ReactNode;
}) {
  return (
    <Stack align="center" gap="xs" py="xl" ta="center">
      <Icon size={36} strokeWidth={1.5} aria-hidden />
      <Title order={2} size="h4">
        {title}
      </Title>
      <Text component="div" c="dimmed" size="sm" maw={520}>
        {children}
      </Text>
    </Stack>
  );
}
