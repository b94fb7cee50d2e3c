import { Group, Title } from '@mantine/core';
import type { ReactNode } from 'react';

/** The heading of a page, which is the window's title too, and what can be done there. */
export function PageHead({ title, children }: { readonly title: string; readonly children?: ReactNode }) {
  return (
    <Group justify="space-between" gap="sm">
      <title>{`${title} · Maestro`}</title>
      <Title order={1} size="h3">
        {title}
      </Title>
      <Group gap="xs">{children}</Group>
    </Group>
  );
}
