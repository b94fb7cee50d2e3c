import type { Readable } from 'node:stream';
import Type from 'typebox';
import { insertAuditEvent } from '../audit/queries.ts';
import { invalid, notFound } from '../errors.ts';
import { recordOf } from '../identity/record.ts';
import { type Contexts, defineOperation } from '../operation.ts';
import { PageToken } from '../paging.ts';
import type { OpenBlob } from '../ports/blobs.ts';
import { checkFilePath, checkPath, decodePath, joinPath, libraryDirectory } from './paths.ts';
import { lengthOf } from './raw_body.ts';
import { modelRoot, runRoot } from './roots.ts';

/** A file to be sent: whoever gets it reads or closes it. */
export interface Download {
  /** Its path as the caller knows it. */
  readonly path: string;
  readonly file: OpenBlob;
}

export const FilePath = Type.String({
  description: 'Relative, with "/" between segments of at most 255 bytes; at most 960 bytes.',
});
const RunId = Type.String({ description: '32 hex digits.' });
const FileBody = Type.Unsafe<Readable>({ description: 'The content, of any type and length.' });
const FileDownload = Type.Unsafe<Download>({ description: 'The content.' });

export const FileInfoSchema = Type.Object({
  path: Type.String({ description: 'From the root that was asked for.' }),
  is_dir: Type.Boolean(),
  file_size: Type.Integer({ minimum: 0, description: 'Bytes; 0 for a directory.' }),
});
const FileList = Type.Object({
  root_uri: Type.String(),
  files: Type.Array(FileInfoSchema),
  next_page_token: Type.Optional(Type.String({ description: 'Absent on the last page.' })),
});
const inPages = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000, description: 'All of them without it.' })),
  page_token: Type.Optional(PageToken),
};

type Owner = Contexts['own'];

/** Children of a directory, their paths beginning with the directory as it was given. */
async function list({ ports, tenant }: Owner, place: string, given: string) {
  const found = await ports.blobs.list(tenant.id, joinPath(place, checkPath(given)));
  const children = found.filter(({ name }) => name !== libraryDirectory);
  const directory = decodePath(given).replace(/\/$/, '');
  return children.map(({ name, isDirectory, size }) => ({
    path: directory === '' ? name : `${directory}/${name}`,
    is_dir: isDirectory,
    file_size: size,
  }));
}

interface Paging {
  readonly limit?: number;
  readonly page_token?: string;
}

/** A page of a directory's children. A token is the path of the last one before, so what comes or goes shifts no page. */
async function listPage(context: Owner, place: string, given: string, { limit, page_token: token }: Paging) {
  const files = await list(context, place, given);
  const after = token === undefined ? undefined : Buffer.from(token, 'base64url');
  const left = after ? files.filter(({ path }) => Buffer.compare(Buffer.from(path), after) > 0) : files;
  const page = left.slice(0, limit);
  const last = page.length < left.length ? page.at(-1) : undefined;
  return { files: page, ...(last ? { next_page_token: Buffer.from(last.path).toString('base64url') } : {}) };
}

async function download({ ports, tenant }: Owner, place: string, given: string): Promise<Download> {
  const path = joinPath(place, checkPath(given));
  const file = await ports.blobs.open(tenant.id, path);
  if (!file) throw notFound(`No such artifact: '${path}'`);
  return { path, file };
}

async function upload({ ports, tenant, call }: Owner, place: string, given: string, body: Readable) {
  const path = joinPath(place, checkFilePath(given));
  const size = await ports.limits.storage.upload(tenant.id, body, lengthOf(call), (counted) =>
    ports.blobs.write(tenant.id, path, counted),
  );
  return { path, file_size: size };
}

/** The row stands before the file is gone: a removal that is half done must not go unrecorded. */
async function remove(context: Owner, action: string, place: string, given: string) {
  const { ports, tenant, inTenant } = context;
  const path = joinPath(place, checkPath(given));
  // "a/." removes nothing: a client that means all of a directory names the directory.
  if (path === '' || /(?:^|\/)\.\/?$/.test(decodePath(given))) {
    throw invalid('Invalid path: expected the path of a file or of a directory', 'path');
  }
  await inTenant((tx) => insertAuditEvent(tx, recordOf(context, action, `file ${path}`)));
  return { removed: await ports.blobs.remove(tenant.id, path) };
}

const Uploaded = Type.Object({ path: Type.String(), file_size: Type.Integer({ minimum: 0, description: 'Bytes.' }) });
const Removed = Type.Object({ removed: Type.Boolean({ description: 'False where there was none.' }) });

/** Files by their path below the tenant's root. */
export const listFiles = defineOperation({
  name: 'file.list',
  permission: 'run:read',
  transaction: 'own',
  input: Type.Object({ path: FilePath }),
  on: ({ path }) => ({ path: checkPath(path) }),
  output: Type.Object({ files: Type.Array(FileInfoSchema) }),
  run: async (context, { path }) => ({ files: await list(context, '', path) }),
});

export const downloadFile = defineOperation({
  name: 'file.read',
  permission: 'run:read',
  transaction: 'own',
  input: Type.Object({ path: FilePath }),
  on: ({ path }) => ({ path: checkPath(path) }),
  output: FileDownload,
  run: (context, { path }) => download(context, '', path),
});

export const uploadFile = defineOperation({
  name: 'file.write',
  permission: 'run:write',
  transaction: 'own',
  streams: true,
  input: Type.Object({ path: FilePath, body: FileBody }),
  on: ({ path }) => ({ path: checkPath(path) }),
  output: Uploaded,
  run: (context, { path, body }) => upload(context, '', path, body),
});

export const deleteFile = defineOperation({
  name: 'file.delete',
  permission: 'run:delete',
  transaction: 'own',
  audit: 'own',
  input: Type.Object({ path: FilePath }),
  on: ({ path }) => ({ path: checkPath(path) }),
  output: Removed,
  run: (context, { path }) => remove(context, 'file.delete', '', path),
});

/** Files of a run, by their path below the run's root. */
export const listRunFiles = defineOperation({
  name: 'run_file.list',
  permission: 'run:read',
  transaction: 'own',
  input: Type.Object({ run_id: RunId, path: Type.Optional(FilePath), ...inPages }),
  on: ({ run_id }) => ({ run: run_id }),
  output: FileList,
  async run(context, { run_id: runId, path = '', ...paging }) {
    checkPath(path);
    const { uri, place } = await runRoot(context, runId);
    return { root_uri: uri, ...(await listPage(context, place, path, paging)) };
  },
});

export const downloadRunFile = defineOperation({
  name: 'run_file.read',
  permission: 'run:read',
  transaction: 'own',
  input: Type.Object({ run_id: RunId, path: FilePath }),
  on: ({ run_id }) => ({ run: run_id }),
  output: FileDownload,
  async run(context, { run_id: runId, path }) {
    checkPath(path);
    const { place } = await runRoot(context, runId);
    return download(context, place, path);
  },
});

export const uploadRunFile = defineOperation({
  name: 'run_file.write',
  permission: 'run:write',
  transaction: 'own',
  streams: true,
  input: Type.Object({ run_id: RunId, path: FilePath, body: FileBody }),
  on: ({ run_id }) => ({ run: run_id }),
  output: Uploaded,
  async run(context, { run_id: runId, path, body }) {
    checkFilePath(path);
    const { place } = await runRoot(context, runId);
    const { file_size } = await upload(context, place, path, body);
    return { path: checkFilePath(path), file_size };
  },
});

export const deleteRunFile = defineOperation({
  name: 'run_file.delete',
  permission: 'run:delete',
  transaction: 'own',
  audit: 'own',
  input: Type.Object({ run_id: RunId, path: FilePath }),
  on: ({ run_id }) => ({ run: run_id }),
  output: Removed,
  async run(context, { run_id: runId, path }) {
    checkFilePath(path);
    const { place } = await runRoot(context, runId);
    return remove(context, 'run_file.delete', place, path);
  },
});

/** Files of a logged model, by their path below the model's root. */
export const listModelFiles = defineOperation({
  name: 'model_file.list',
  permission: 'run:read',
  transaction: 'own',
  input: Type.Object({ model_id: Type.String(), path: Type.Optional(FilePath), ...inPages }),
  on: ({ model_id }) => ({ model: model_id }),
  output: FileList,
  async run(context, { model_id: modelId, path = '', ...paging }) {
    checkPath(path);
    const { uri, place } = await modelRoot(context, modelId);
    return { root_uri: uri, ...(await listPage(context, place, path, paging)) };
  },
});

export const downloadModelFile = defineOperation({
  name: 'model_file.read',
  permission: 'run:read',
  transaction: 'own',
  input: Type.Object({ model_id: Type.String(), path: FilePath }),
  on: ({ model_id }) => ({ model: model_id }),
  output: FileDownload,
  async run(context, { model_id: modelId, path }) {
    checkPath(path);
    const { place } = await modelRoot(context, modelId);
    return download(context, place, path);
  },
});
