import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useApi, useTenant } from '../api/hooks.ts';
import { saidWhole } from '../api/said.ts';
import { tellDone } from '../app/changes.tsx';
import { filesKey } from './queries.ts';
import { type FileSource, nameOf } from './source.ts';
import { text } from './text.ts';

/** Asks before a file goes: it does not come back. */
export function RemoveDialog(props: {
  readonly source: FileSource;
  readonly path: string;
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly onGone: () => void;
}) {
  const { source, path } = props;
  const api = useApi();
  const client = useQueryClient();
  const key = filesKey(useTenant(), source);
  const name = nameOf(path);
  const { mutate, isPending, error } = useMutation({
    mutationFn: () =>
      api.DELETE('/runs/{run_id}/files/content', { params: { path: { run_id: source.id }, query: { path } } }),
    onSuccess: () => {
      tellDone(text.removed(name));
      props.onClose();
      props.onGone();
      return client.invalidateQueries({ queryKey: key });
    },
  });
  return (
    <Modal opened={props.opened} onClose={props.onClose} title={text.removeTitle(name)}>
      <Stack>
        <Text size="sm">{text.removeLead}</Text>
        <Text size="sm" c="error" role="alert">
          {error && saidWhole(error)}
        </Text>
        <Group justify="end">
          <Button variant="default" onClick={props.onClose} data-autofocus>
            {text.cancel}
          </Button>
          <Button color="red" loading={isPending} onClick={() => mutate()}>
            {text.remove}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
