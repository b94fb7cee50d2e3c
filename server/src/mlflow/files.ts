import type { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { callOf } from '../call.ts';
import { invalid, MaestroError } from '../errors.ts';
import * as operations from '../files/operations.ts';
import { presignDownload, presignPath, presignUpload } from '../files/presigned.ts';
import { bodyOf, leaveBodiesAsStreams } from '../files/raw_body.ts';
import { sendDownload } from '../files/send.ts';
import type { Operation } from '../operation.ts';
import type { Ports } from '../ports/ports.ts';
import { mountUploadParts, mountUploads, pathInUrl } from './file_uploads.ts';
import { integer, read, required, text } from './message.ts';
import { type MlflowRoute, mlflowRoute } from './route.ts';

/** The artifact service's own prefixes. */
export const filePrefixes = ['/api/2.0/mlflow-artifacts', '/ajax-api/2.0/mlflow-artifacts'];

/** Bytes that the user interface may upload; the genuine server takes as many. */
const interfaceUploadBytesMax = 10 * 1024 * 1024;

type FileInfo = { path: string; is_dir: boolean; file_size: number };

/** A listing as the protocol shows it: no empty list, and no size of nothing. */
function fileMessages(files: readonly FileInfo[]): { files?: unknown[] } {
  if (files.length === 0) return {};
  return { files: files.map(({ file_size, ...rest }) => (file_size > 0 ? { ...rest, file_size } : rest)) };
}

const runFilesMessage = ({ root_uri, files }: { root_uri: string; files: readonly FileInfo[] }) => ({
  root_uri,
  ...fileMessages(files),
});

/** The artifact service names children by their last segment. */
const named = ({ path, ...rest }: FileInfo): FileInfo => ({ path: path.slice(path.lastIndexOf('/') + 1), ...rest });

const nothing = () => ({});

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** Routes below `/api/2.0/mlflow`, `/api/3.0/mlflow` and their `/ajax-api` twins. */
export const fileRoutes: MlflowRoute[] = [
  mlflowRoute(
    'GET',
    '/artifacts/list',
    operations.listRunFiles,
    (request) => {
      const { run_id, path } = read(request, { run_id: required(text()), path: text(), page_token: text() });
      return { run_id, ...(path === undefined ? {} : { path }) };
    },
    runFilesMessage,
  ),
  mlflowRoute(
    'GET',
    '/logged-models/:model_id/artifacts/directories',
    operations.listModelFiles,
    (request) => {
      const { artifact_directory_path: path } = read(request, { artifact_directory_path: text() });
      const { model_id } = request.params as { model_id: string };
      return { model_id, ...(path === undefined ? {} : { path }) };
    },
    runFilesMessage,
  ),
  mlflowRoute(
    'POST',
    '/artifacts/presigned-upload-url',
    presignUpload,
    (request) => {
      const { run_id, model_id, path } = read(request, {
        run_id: text(),
        model_id: text(),
        path: required(text()),
        expiration: integer(),
      });
      return { path, ...(run_id ? { run_id } : {}), ...(model_id ? { model_id } : {}) };
    },
    nothing,
  ),
  mlflowRoute(
    'POST',
    '/artifacts/presigned-download-url',
    presignDownload,
    (request) => {
      const message = read(request, { run_id: required(text()), path: required(text()), expiration: integer() });
      return { run_id: message.run_id, path: message.path, expiration: message.expiration ?? 900 };
    },
    nothing,
  ),
];

/** Answers GET and HEAD with a file. */
function mountDownload<Input>(
  app: FastifyInstance,
  ports: Ports,
  url: string,
  operation: Operation<Input, operations.Download>,
  input: (request: FastifyRequest) => Input,
): void {
  app.route({
    method: ['GET', 'HEAD'],
    url,
    config: { operation: operation.name },
    handler: async (request, reply) =>
      sendDownload(await operation.execute(ports, callOf(request), () => input(request)), reply),
  });
}

/** Reads the run and the path of a download from the query string. */
function runFileInput(request: FastifyRequest): { run_id: string; path: string } {
  const { run_id, run_uuid, path } = request.query as Record<string, unknown>;
  const file = textOf(path);
  if (file === undefined) throw invalid('Request must specify path.', 'path');
  return { run_id: textOf(run_id) ?? textOf(run_uuid) ?? 'None', path: file };
}

/** An upload of the user interface: a small file in the body, the run and the path in the query string. */
function interfaceUploadInput(request: FastifyRequest): { run_id: string; path: string; body: Readable } {
  const { run_uuid, path } = request.query as Record<string, unknown>;
  const runId = textOf(run_uuid);
  if (runId === undefined) throw invalid('Request must specify run_uuid.', 'run_uuid');
  const file = textOf(path);
  if (file === undefined) throw invalid('Request must specify path.', 'path');
  const length = request.headers['content-length'];
  if (length === undefined) throw invalid('Request must specify Content-Length.');
  if (length === '0') throw invalid('Request must specify data.');
  if (Number(length) > interfaceUploadBytesMax) throw invalid('Artifact size is too large. Max size is 10MB.');
  return { run_id: runId, path: file, body: bodyOf(request) };
}

/** Mounts what stands outside the prefixes of `fileRoutes`: the artifact service and the routes of the interface. */
export async function mountFiles(app: FastifyInstance, ports: Ports): Promise<void> {
  mountDownload(app, ports, '/get-artifact', operations.downloadRunFile, runFileInput);
  mountDownload(
    app,
    ports,
    '/ajax-api/2.0/mlflow/logged-models/:model_id/artifacts/files',
    operations.downloadModelFile,
    (request) => {
      const path = textOf((request.query as Record<string, unknown>).artifact_file_path);
      if (path === undefined) {
        throw new MaestroError('bad_request', 'Request must include the "artifact_file_path" query parameter.');
      }
      return { model_id: (request.params as { model_id: string }).model_id, path };
    },
  );
  for (const prefix of filePrefixes) {
    mountDownload(app, ports, `${prefix}/artifacts/*`, operations.downloadFile, (request) => ({
      path: pathInUrl(request),
    }));
    app.get(`${prefix}/artifacts`, { config: { operation: operations.listFiles.name } }, async (request) => {
      const { path = '' } = read(request, { path: text() });
      return fileMessages((await operations.listFiles.execute(ports, callOf(request), { path })).files.map(named));
    });
    app.get(`${prefix}/presigned/*`, { config: { operation: presignPath.name } }, (request) =>
      presignPath.execute(ports, callOf(request), { path: pathInUrl(request) }),
    );
  }
  mountUploads(app, ports, filePrefixes);
  await app.register(async (scope) => {
    leaveBodiesAsStreams(scope);
    for (const prefix of filePrefixes) {
      scope.put(
        `${prefix}/artifacts/*`,
        { config: { operation: operations.uploadFile.name } },
        async (request, reply) => {
          const input = { path: pathInUrl(request), body: bodyOf(request) };
          await operations.uploadFile.execute(ports, callOf(request), input);
          return reply.send();
        },
      );
      scope.delete(`${prefix}/artifacts/*`, { config: { operation: operations.deleteFile.name } }, async (request) => {
        await operations.deleteFile.execute(ports, callOf(request), { path: pathInUrl(request) });
        return {};
      });
      mountUploadParts(scope, ports, prefix);
    }
    scope.post(
      '/ajax-api/2.0/mlflow/upload-artifact',
      { config: { operation: operations.uploadRunFile.name } },
      async (request, reply) => {
        await operations.uploadRunFile.execute(ports, callOf(request), () => interfaceUploadInput(request));
        return reply.type('application/json').send();
      },
    );
  });
}
