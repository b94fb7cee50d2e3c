import { Card, SimpleGrid, Text } from '@mantine/core';
import type { ReactNode } from 'react';

/** A few figures with their names, as many in a line as there is room for. */
export const Facts = ({ facts }: { readonly facts: readonly (readonly [name: string, value: ReactNode])[] }) => (
  <SimpleGrid cols={{ base: 2, xs: 3, md: 4, lg: facts.length }} spacing="xs" component="dl" m={0}>
    {facts.map(([name, value]) => (
      <Card key={name} withBorder padding="xs">
        <Text component="dt" size="xs" c="dimmed">
          {name}
        </Text>
        <Text component="dd" m={0} fw={600} className="figures">
          {value}
        </Text>
      </Card>
    ))}
  </SimpleGrid>
);
