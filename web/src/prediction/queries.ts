import { useMutation, useQuery } from '@tanstack/react-query';
import type { AnswerOf, BodyOf } from '../api/contract_types.ts';
import { useApi, useTenant } from '../api/hooks.ts';
import { askAnew } from '../api/query_client.ts';

export type Prediction = AnswerOf<'/predictions/{prediction_id}', 'get'>;
export type Listed = AnswerOf<'/predictions', 'get'>['items'][number];
export type Question = BodyOf<'/predictions', 'post'>;

/** What is predicted of a project, by the names of the API. */
export const outcomes = ['success_score', 'duration_days', 'cost'] as const;
export type Outcome = (typeof outcomes)[number];

export const predictedOf = (
  prediction: Pick<Prediction, 'predicted_success_score' | 'predicted_duration_days' | 'predicted_cost'>,
  outcome: Outcome,
): number | null =>
  ({
    success_score: prediction.predicted_success_score,
    duration_days: prediction.predicted_duration_days,
    cost: prediction.predicted_cost,
  })[outcome];

const keyOf = (tenant: string, projectId: string, ...rest: unknown[]) => [
  't',
  tenant,
  'projects',
  projectId,
  'predictions',
  ...rest,
];

/** Predictions of a project that were kept, the newest first. */
export function useKeptPredictions(projectId: string) {
  const api = useApi();
  const query = { project_id: projectId, limit: 20 };
  return useQuery({
    queryKey: keyOf(useTenant(), projectId),
    queryFn: async ({ signal }) => (await api.GET('/predictions', { signal, params: { query } })).data.items,
  });
}

export function usePrediction(projectId: string, id: string | null | undefined) {
  const api = useApi();
  return useQuery({
    enabled: typeof id === 'string',
    queryKey: keyOf(useTenant(), projectId, id),
    queryFn: async ({ signal }): Promise<Prediction> => {
      const params = { path: { prediction_id: id as string } };
      return (await api.GET('/predictions/{prediction_id}', { signal, params })).data;
    },
  });
}

/** Asks for a prediction of a project as it is now; it is kept, and scored when the project ends. */
export function usePredict(projectId: string) {
  const api = useApi();
  const tenant = useTenant();
  return useMutation({
    mutationFn: async (): Promise<Prediction> => {
      const params = { path: { project_id: projectId } };
      return (await api.POST('/projects/{project_id}/predict', { params })).data;
    },
    onSuccess: () => askAnew(keyOf(tenant, projectId)),
  });
}

/** What would be predicted if a project were another one in what `question` says. */
export function useWhatIf(projectId: string, question: Question | undefined) {
  const api = useApi();
  return useQuery({
    enabled: question !== undefined,
    queryKey: keyOf(useTenant(), projectId, 'what-if', question),
    queryFn: async ({ signal }): Promise<Prediction> => {
      const body = { ...question, project_id: projectId, keep: false };
      return (await api.POST('/predictions', { signal, body, repeatable: true })).data;
    },
    placeholderData: (before) => before,
  });
}
