import { Center, Paper, Stack, Text, Title } from '@mantine/core';
import { type ReactNode, useEffect, useRef } from 'react';
import { WindowTitle } from '../app/page_head.tsx';

/**
 * The frame of what is shown to people who are not signed in. Whoever reads by ear goes on at the heading, unless a field
 * of the page takes the focus.
 */
export function OutsidePage({
  title,
  lead,
  children,
}: {
  readonly title: string;
  readonly lead?: string | undefined;
  readonly children?: ReactNode;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another title is another page
  useEffect(() => {
    const main = heading.current?.closest('main');
    if (!main?.querySelector('input')) heading.current?.focus();
  }, [title]);
  return (
    <Center component="main" mih="100dvh" p="md">
      <WindowTitle title={title} />
      <Paper withBorder p={{ base: 'md', xs: 'xl' }} w="100%" maw={440} radius="lg" shadow="sm">
        <Stack gap="md">
          <Stack gap={4}>
            <Title order={1} size="h3" ref={heading} tabIndex={-1} style={{ outline: 'none' }}>
              {title}
            </Title>
            {lead !== undefined && (
              <Text size="sm" c="dimmed" role="status" style={{ overflowWrap: 'anywhere' }}>
                {lead}
              </Text>
            )}
          </Stack>
          {children}
        </Stack>
      </Paper>
    </Center>
  );
}
