import { Card, SimpleGrid, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Defined } from './defined.tsx';

/** A figure by its name, and what the name means where it says too little. */
type Fact = readonly [name: string, value: ReactNode, meaning?: string];

/** A few figures with their names, as many in a line as there is room for. */
export const Facts = ({ facts }: { readonly facts: readonly Fact[] }) => (
  <SimpleGrid cols={{ base: 2, xs: 3, md: 4, lg: facts.length }} spacing="xs" component="dl" m={0}>
    {facts.map(([name, value, meaning]) => (
      <Card key={name} withBorder padding="xs">
        <Text component="dt" size="xs" c="dimmed">
          {meaning === undefined ? name : <Defined by={meaning}>{name}</Defined>}
        </Text>
        <Text component="dd" m={0} fw={600} className="figures">
          {value}
        </Text>
      </Card>
    ))}
  </SimpleGrid>
);
