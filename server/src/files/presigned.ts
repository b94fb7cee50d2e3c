import Type from 'typebox';
import { invalid, MaestroError } from '../errors.ts';
import { defineOperation } from '../operation.ts';
import { checkPath } from './paths.ts';
import { modelRoot, runRoot } from './roots.ts';

/**
 * Presigned URLs lead a client past the server to an object store. Files that the server keeps itself have none; the
 * answers are the ones by which MLflow's client knows to come here.
 */
export const presignUpload = defineOperation({
  name: 'file.presign_upload',
  permission: 'run:write',
  transaction: 'own',
  input: Type.Object({
    run_id: Type.Optional(Type.String()),
    model_id: Type.Optional(Type.String()),
    path: Type.String(),
  }),
  on: ({ run_id, model_id }) => (run_id ? { run: run_id } : model_id ? { model: model_id } : undefined),
  output: Type.Object({}),
  async run(context, { run_id: runId, model_id: modelId, path }) {
    if (Boolean(runId) === Boolean(modelId)) throw invalid('Exactly one of run_id and model_id must be provided.');
    checkPath(path);
    await (runId ? runRoot(context, runId) : modelRoot(context, modelId ?? ''));
    throw invalid(
      'Presigned upload is not supported for proxied artifact storage (artifact URI scheme: mlflow-artifacts). ' +
        'This endpoint requires a direct cloud storage artifact URI.',
    );
  },
});

export const presignDownload = defineOperation({
  name: 'file.presign_download',
  permission: 'run:read',
  transaction: 'own',
  input: Type.Object({ run_id: Type.String(), path: Type.String(), expiration: Type.Integer() }),
  on: ({ run_id }) => ({ run: run_id }),
  output: Type.Object({}),
  async run(context, { run_id: runId, path, expiration }) {
    checkPath(path);
    if (expiration < 1 || expiration > 604_800) {
      throw invalid(`expiration must be between 1 and 604800 seconds (got ${expiration}).`);
    }
    await runRoot(context, runId);
    throw invalid(
      'Presigned download is not supported for runs with proxied artifact storage (artifact URI scheme: ' +
        'mlflow-artifacts). This endpoint requires a run with a direct cloud storage artifact URI.',
    );
  },
});

export const presignPath = defineOperation({
  name: 'file.presign_path',
  permission: 'run:read',
  transaction: 'own',
  input: Type.Object({ path: Type.String() }),
  on: ({ path }) => ({ path: checkPath(path) }),
  output: Type.Object({}),
  async run(_context, { path }) {
    checkPath(path);
    throw new MaestroError(
      'not_implemented',
      'Multipart download is not supported for the current artifact repository',
    );
  },
});
