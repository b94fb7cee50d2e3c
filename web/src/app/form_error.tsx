import { Text } from '@mantine/core';
import { said } from '../api/said.ts';

/** What went wrong with what a form sent, below its fields; nothing, where nothing did. */
export function FormError({ error }: { readonly error: unknown }) {
  return (
    <Text size="sm" c="error" fw={600} role="alert">
      {error ? said(error) : ''}
    </Text>
  );
}
