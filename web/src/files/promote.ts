import { useMutation } from '@tanstack/react-query';
import { useApi, useTenant } from '../api/hooks.ts';
import { askAnew } from '../api/query_client.ts';
import { tellDone } from '../app/changes.tsx';
import { text } from './text.ts';

/** What is promoted: a file or a folder of a run, or a logged model whole. */
export type Promoted = { readonly run_id: string; readonly path: string } | { readonly model_id: string };

interface Into {
  readonly artifact_id?: string;
  readonly name?: string;
  readonly type?: string;
  readonly description?: string;
  readonly tags?: string[];
  readonly version?: string;
}

export function usePromote(of: Promoted, onDone: () => void) {
  const api = useApi();
  const tenant = useTenant();
  return useMutation({
    mutationFn: async (into: Into) => (await api.POST('/artifacts/promote', { body: { ...of, ...into } })).data,
    onSuccess: ({ artifact, version }) => {
      tellDone(text.promoted(artifact.name, version.version));
      onDone();
      return askAnew(['t', tenant, 'artifacts']);
    },
  });
}
