import { Button, Group } from '@mantine/core';
import { text } from './text.ts';

/** Asks for the next page of a list, where there is one. */
export function MoreButton({
  list,
  size = 'sm',
}: {
  /** As `useInfiniteQuery` gives it. */
  readonly list: {
    readonly hasNextPage: boolean;
    readonly isFetchingNextPage: boolean;
    readonly fetchNextPage: () => Promise<unknown>;
  };
  readonly size?: 'sm' | 'xs' | 'compact-xs';
}) {
  if (!list.hasNextPage) return null;
  return (
    <Group>
      <Button size={size} variant="default" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
        {text.more}
      </Button>
    </Group>
  );
}
