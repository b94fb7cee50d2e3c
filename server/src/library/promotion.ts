import { basename } from 'node:path/posix';
import { Readable } from 'node:stream';
import Type from 'typebox';
import { invalid, notFound } from '../errors.ts';
import { checkPath, joinPath } from '../files/paths.ts';
import { modelRoot, runRoot } from '../files/roots.ts';
import { actorOf } from '../identity/caller.ts';
import { id, strict, text } from '../identity/schemas.ts';
import { type Contexts, defineOperation } from '../operation.ts';
import type { BlobInfo, BlobStore } from '../ports/blobs.ts';
import { withContent } from './kept.ts';
import { findModelOrigin } from './lineage_queries.ts';
import { artifactOf, makeArtifact } from './operations.ts';
import { lockArtifact } from './queries.ts';
import { missingArtifact } from './refusals.ts';
import * as schemas from './schemas.ts';
import { type Packed, tarOf } from './tar.ts';
import { requireReading } from './usages.ts';
import type { Source } from './version_queries.ts';
import { addVersion } from './versions.ts';

interface Origin {
  readonly source: Source;
  /** Below the tenant's root. */
  readonly place: string;
}

async function originOf(
  context: Contexts['own'],
  { run_id, path, model_id }: { run_id?: string; path?: string; model_id?: string },
): Promise<Origin> {
  if ((run_id === undefined) === (model_id === undefined)) {
    throw invalid('run_id: expected either run_id with path, or model_id', 'run_id');
  }
  if (model_id !== undefined) {
    if (path !== undefined) throw invalid('path: expected with run_id only; a model is promoted whole', 'path');
    const { place } = await modelRoot(context, model_id);
    const run = await context.inTenant((tx) => findModelOrigin(tx, model_id));
    return { source: { run_id: run, run_path: null, model_id }, place };
  }
  if (path === undefined || checkPath(path) === '') {
    throw invalid('path: expected the path of a file or a directory of the run', 'path');
  }
  const checked = checkPath(path);
  const { place } = await runRoot(context, run_id as string);
  return {
    source: { run_id: run_id as string, run_path: checked, model_id: null },
    place: joinPath(place, checked),
  };
}

/** Every file below a directory. */
async function packedOf(blobs: BlobStore, tenantId: string, root: string): Promise<Packed[]> {
  const files: Packed[] = [];
  async function gather(directory: string, entries: readonly BlobInfo[]): Promise<void> {
    for (const { name, isDirectory, size } of entries) {
      const path = directory === '' ? name : `${directory}/${name}`;
      if (isDirectory) {
        await gather(path, await blobs.list(tenantId, `${root}/${path}`));
        continue;
      }
      files.push({
        path,
        size,
        async open() {
          const file = await blobs.open(tenantId, `${root}/${path}`);
          if (!file) throw notFound(`The file '${path}' was removed meanwhile.`);
          return file.read();
        },
      });
    }
  }
  await gather('', await blobs.list(tenantId, root));
  return files;
}

/** The content at a place: a file as it is, a directory as a tar archive. */
async function contentAt(
  { ports, tenant }: Contexts['own'],
  place: string,
): Promise<{ body: Readable; length?: number; file_name: string }> {
  const name = basename(place);
  const files = await packedOf(ports.blobs, tenant.id, place);
  if (files.length > 0) return { body: Readable.from(tarOf(files)), file_name: `${name}.tar` };
  const file = await ports.blobs.open(tenant.id, place);
  if (!file) throw notFound(`No such artifact: '${place}'`);
  return { body: file.read(), length: file.size, file_name: name };
}

/**
 * Makes a run's file (or directory) or a logged model a version of an artifact, which is made where none is named. The
 * content is copied, or shared where the library has it: what becomes of the run does not touch it.
 */
export const promote = defineOperation({
  name: 'artifact.promote',
  permission: 'artifact:write',
  transaction: 'own',
  streams: true,
  input: Type.Object(
    {
      run_id: Type.Optional(text(1, 64, { description: '32 hex digits.' })),
      path: Type.Optional(text(1, 1000, { description: 'Of a file of the run, or of a directory, which is packed.' })),
      model_id: Type.Optional(text(1, 100, { description: 'A logged model, which is packed as a tar archive.' })),
      artifact_id: Type.Optional(Type.String({ ...id, description: 'The artifact that gets a version.' })),
      name: Type.Optional(schemas.artifactName),
      type: Type.Optional(schemas.artifactType),
      description: Type.Optional(schemas.description),
      tags: Type.Optional(schemas.tags),
      version: Type.Optional(schemas.version),
    },
    strict,
  ),
  output: Type.Object({ artifact: schemas.ArtifactSchema, version: schemas.VersionSchema }),
  async run(context, input) {
    const { ports, tenant, caller, inTenant, place } = context;
    const { artifact_id: given, name, type, description, tags, version } = input;
    requireReading(place, 'run:read');
    if (given !== undefined && (name ?? type ?? description ?? tags) !== undefined) {
      throw invalid('artifact_id: expected alone, or instead of it name and type of a new artifact', 'artifact_id');
    }
    if (given === undefined && (name === undefined || type === undefined)) {
      const field = name === undefined ? 'name' : 'type';
      throw invalid(`${field}: expected for a new artifact, or artifact_id of one that is there`, field);
    }
    if (given !== undefined) await inTenant((tx) => artifactOf(tx, given));
    const { maxArtifacts } = await ports.limits.tenants.of(tenant.id);
    const created_by = actorOf(caller).id;
    const origin = await originOf(context, input);
    const { body, length, file_name } = await contentAt(context, origin.place);
    return withContent(ports, tenant.id, body, length, (written) =>
      inTenant(async (tx) => {
        const fields = { name: name ?? '', type: type ?? '', description: description ?? '', tags: tags ?? [] };
        const artifact = given ?? (await makeArtifact(tx, fields, created_by, maxArtifacts));
        if (!(await lockArtifact(tx, artifact))) throw missingArtifact(artifact);
        await written.keep(tx);
        const added = await addVersion(tx, artifact, {
          version,
          description: '',
          storage_path: null,
          created_by,
          content: { sha256: written.sha256, file_name },
          source: origin.source,
        });
        return { artifact: schemas.shownArtifact(await artifactOf(tx, artifact)), version: added };
      }),
    );
  },
});
