import { Group, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { text } from './text.ts';

/** What the window is called while a page is open. */
export const WindowTitle = ({ title }: { readonly title: string }) => <title>{text.windowTitle(title)}</title>;

/** The heading of a page, which is the window's title too. */
export const PageTitle = ({ title }: { readonly title: string }) => (
  <>
    <WindowTitle title={title} />
    <Title order={1} size="h3" style={{ overflowWrap: 'anywhere' }}>
      {title}
    </Title>
  </>
);

/** The heading of a page, and what can be done there. */
export const PageHead = ({ title, children }: { readonly title: string; readonly children?: ReactNode }) => (
  <Group justify="space-between" gap="sm">
    <PageTitle title={title} />
    <Group gap="xs">{children}</Group>
  </Group>
);
