import type { Readable } from 'node:stream';
import Type from 'typebox';
import { MaestroError } from '../errors.ts';
import { defineOperation } from '../operation.ts';
import type { BlobUploads } from '../ports/blobs.ts';
import type { Ports } from '../ports/ports.ts';
import { checkFilePath } from './paths.ts';
import { lengthOf } from './raw_body.ts';

/** As S3 has it. */
export const partsMax = 10_000;

/** The words by which MLflow's client knows that it shall send the file in one piece. */
const unsupported = 'Multipart upload is not supported for the current artifact repository';

function uploadsOf(ports: Ports): BlobUploads {
  if (!ports.blobs.uploads) throw new MaestroError('not_implemented', unsupported);
  return ports.blobs.uploads;
}

const UploadId = Type.String();
const PartNumber = Type.Integer({ minimum: 1, maximum: partsMax });

export const beginUpload = defineOperation({
  name: 'upload.begin',
  permission: 'run:write',
  transaction: 'own',
  input: Type.Object({ path: Type.String(), parts: Type.Integer({ minimum: 1, maximum: partsMax }) }),
  on: ({ path }) => ({ path: checkFilePath(path) }),
  output: Type.Object({ upload_id: UploadId }),
  async run({ ports, tenant }, { path }) {
    return { upload_id: await uploadsOf(ports).begin(tenant.id, checkFilePath(path)) };
  },
});

export const writeUploadPart = defineOperation({
  name: 'upload.write_part',
  permission: 'run:write',
  transaction: 'own',
  streams: true,
  input: Type.Object({ upload_id: UploadId, number: PartNumber, body: Type.Unsafe<Readable>({}) }),
  async on({ upload_id: id }, { ports, tenant }) {
    const path = await ports.blobs.uploads?.pathOf(tenant.id, id);
    return path === undefined ? undefined : { path };
  },
  output: Type.Object({ etag: Type.String() }),
  async run({ ports, tenant, call }, { upload_id: id, number, body }) {
    const { etag } = await ports.limits.storage.upload(tenant.id, body, lengthOf(call), (counted) =>
      uploadsOf(ports).writePart(tenant.id, id, number, counted),
    );
    return { etag };
  },
});

export const completeUpload = defineOperation({
  name: 'upload.complete',
  permission: 'run:write',
  transaction: 'own',
  input: Type.Object({
    path: Type.String(),
    upload_id: UploadId,
    parts: Type.Array(Type.Object({ number: PartNumber, etag: Type.String() }), { minItems: 1, maxItems: partsMax }),
  }),
  on: ({ path }) => ({ path: checkFilePath(path) }),
  output: Type.Null(),
  async run({ ports, tenant }, { path, upload_id: id, parts }) {
    await uploadsOf(ports).complete(tenant.id, checkFilePath(path), id, parts);
    return null;
  },
});

export const abortUpload = defineOperation({
  name: 'upload.abort',
  permission: 'run:write',
  transaction: 'own',
  input: Type.Object({ path: Type.String(), upload_id: UploadId }),
  on: ({ path }) => ({ path: checkFilePath(path) }),
  output: Type.Null(),
  async run({ ports, tenant }, { path, upload_id: id }) {
    await uploadsOf(ports).abort(tenant.id, checkFilePath(path), id);
    return null;
  },
});
