import { useApi, useTenant } from '../api/hooks.ts';
import { tellDone } from '../app/changes.tsx';
import { Confirm } from '../app/confirm.tsx';
import { filesKey } from './queries.ts';
import { type FileSource, nameOf } from './source.ts';
import { text } from './text.ts';

/** Asks before a file goes: it does not come back. */
export function RemoveDialog(props: {
  readonly source: FileSource;
  readonly path: string;
  readonly onClose: () => void;
  readonly onGone: () => void;
}) {
  const { source, path } = props;
  const [api, tenant] = [useApi(), useTenant()];
  const name = nameOf(path);
  return (
    <Confirm
      title={text.removeTitle(name)}
      button={text.remove}
      changed={filesKey(tenant, source)}
      onConfirm={() =>
        api.DELETE('/runs/{run_id}/files/content', { params: { path: { run_id: source.id }, query: { path } } })
      }
      onDone={() => {
        tellDone(text.removed(name));
        props.onGone();
      }}
      onClose={props.onClose}
    >
      {text.removeLead}
    </Confirm>
  );
}
