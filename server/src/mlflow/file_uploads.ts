import type { FastifyInstance, FastifyRequest } from 'fastify';
import { callOf } from '../call.ts';
import { invalid } from '../errors.ts';
import { joinPath } from '../files/paths.ts';
import { bodyOf } from '../files/raw_body.ts';
import { abortUpload, beginUpload, completeUpload, partsMax, writeUploadPart } from '../files/uploads.ts';
import { baseUrlOf } from '../hosts.ts';
import type { Ports } from '../ports/ports.ts';
import { integer, nested, read, repeated, required, text } from './message.ts';

/**
 * The path that stands in the URL below a route's prefix. The router drops a slash at the end, which says that a
 * directory is meant.
 */
export function pathInUrl(request: FastifyRequest): string {
  const path = (request.params as { '*': string })['*'];
  const [url = ''] = request.url.split('?', 1);
  return url.endsWith('/') && path !== '' ? `${path}/` : path;
}

/** The file of an upload: in the directory of the URL, with the last segment of the path on the client's machine. */
function fileOf(request: FastifyRequest, localPath: string): string {
  const name = localPath.slice(Math.max(localPath.lastIndexOf('/'), localPath.lastIndexOf('\\')) + 1);
  return joinPath(pathInUrl(request).replace(/\/$/, ''), name);
}

/**
 * What the client sends with each part. It puts parts without its own sign-in, so it gets back here what it signed in
 * with: parts pass the pipeline like any call, no second kind of secret exists, and none stands in a URL.
 */
function partHeaders(request: FastifyRequest): Record<string, string> {
  const names = ['authorization', 'x-mlflow-workspace'] as const;
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = request.headers[name];
      return typeof value === 'string' ? [[name, value]] : [];
    }),
  );
}

/** Mounts the uploads in parts; `mountUploadParts` takes the parts themselves, in a scope that leaves bodies alone. */
export function mountUploads(app: FastifyInstance, ports: Ports, prefixes: readonly string[]): void {
  for (const prefix of prefixes) {
    app.post(`${prefix}/mpu/create/*`, { config: { operation: beginUpload.name } }, async (request, reply) => {
      let parts = 1;
      const { upload_id: id } = await beginUpload.execute(ports, callOf(request), () => {
        const message = read(request, { path: required(text()), num_parts: integer() });
        parts = message.num_parts ?? 1;
        if (parts < 1 || parts > partsMax) throw invalid(`num_parts: expected 1 to ${partsMax}`, 'num_parts');
        return { path: fileOf(request, message.path), parts };
      });
      const base = `${baseUrlOf(request)}${prefix}/mpu/parts/${id}`;
      const headers = partHeaders(request);
      reply.header('cache-control', 'no-store');
      return {
        upload_id: id,
        credentials: Array.from({ length: parts }, (_, index) => ({
          url: `${base}/${index + 1}`,
          part_number: index + 1,
          headers,
        })),
      };
    });
    app.post(`${prefix}/mpu/complete/*`, { config: { operation: completeUpload.name } }, async (request) => {
      await completeUpload.execute(ports, callOf(request), () => {
        const message = read(request, {
          path: required(text()),
          upload_id: text(),
          parts: required(repeated(nested({ part_number: integer(), etag: text(), url: text() }))),
        });
        return {
          path: fileOf(request, message.path),
          upload_id: message.upload_id ?? '',
          parts: message.parts.map(({ part_number: number = 0, etag = '' }) => ({
            number,
            etag: etag.replace(/^"(.*)"$/, '$1'),
          })),
        };
      });
      return {};
    });
    app.post(`${prefix}/mpu/abort/*`, { config: { operation: abortUpload.name } }, async (request) => {
      await abortUpload.execute(ports, callOf(request), () => {
        const { path, upload_id: id = '' } = read(request, { path: required(text()), upload_id: text() });
        return { path: fileOf(request, path), upload_id: id };
      });
      return {};
    });
  }
}

export function mountUploadParts(scope: FastifyInstance, ports: Ports, prefix: string): void {
  scope.put(
    `${prefix}/mpu/parts/:upload_id/:number`,
    { config: { operation: writeUploadPart.name } },
    async (request, reply) => {
      const { upload_id, number } = request.params as { upload_id: string; number: string };
      if (!/^\d{1,5}$/.test(number)) throw invalid('expected the number of a part', 'number');
      const input = { upload_id, number: Number(number), body: bodyOf(request) };
      const { etag } = await writeUploadPart.execute(ports, callOf(request), input);
      return reply.header('etag', `"${etag}"`).send();
    },
  );
}
