import { Stack, Title } from '@mantine/core';
import { useTenant } from '../api/hooks.ts';

export function DashboardPage() {
  const tenant = useTenant();
  return (
    <Stack>
      <Title order={1} size="h3">
        {tenant}
      </Title>
    </Stack>
  );
}
