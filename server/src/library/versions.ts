import { basename } from 'node:path/posix';
import type { Readable } from 'node:stream';
import Type, { type Static } from 'typebox';
import type { TenantTx } from '../db/tenancy.ts';
import { invalid, MaestroError, notFound } from '../errors.ts';
import type { Download } from '../files/operations.ts';
import { checkFilePath, libraryPath } from '../files/paths.ts';
import { lengthOf } from '../files/raw_body.ts';
import { actorOf } from '../identity/caller.ts';
import { defaultPageSize, pageFrom, placeOf } from '../identity/paging.ts';
import { id, pageInput, strict } from '../identity/schemas.ts';
import { defineOperation } from '../operation.ts';
import { pageOf } from '../paging.ts';
import { withContent } from './kept.ts';
import { artifactOf } from './operations.ts';
import { lockArtifact } from './queries.ts';
import { type Reader, readableSources } from './readable.ts';
import { missingArtifact, missingVersion, takenVersion } from './refusals.ts';
import * as schemas from './schemas.ts';
import * as queries from './version_queries.ts';

/** Adds a version to an artifact that is there, and gives it. */
export async function addVersion(
  tx: TenantTx,
  artifact: string,
  given: queries.NewVersion,
): Promise<Static<typeof schemas.VersionSchema>> {
  if (!(await lockArtifact(tx, artifact))) throw missingArtifact(artifact);
  const version = await queries.insertVersion(tx, artifact, given);
  if (version === undefined) throw takenVersion(given.version as string);
  return schemas.shownVersion((await queries.findVersion(tx, artifact, version)) as queries.VersionRow);
}

export const createVersion = defineOperation({
  name: 'artifact_version.create',
  permission: 'artifact:write',
  input: Type.Object(
    {
      artifact_id: id,
      version: Type.Optional(schemas.version),
      description: Type.Optional(schemas.description),
      storage_path: Type.Optional(schemas.storagePath),
    },
    strict,
  ),
  output: schemas.VersionSchema,
  run: ({ tx, caller }, { artifact_id, version, description = '', storage_path = null }) =>
    addVersion(tx, artifact_id, { version, description, storage_path, created_by: actorOf(caller).id }),
});

const numberMax = 2 ** 31 - 1;

/** The newest first. */
export const listVersions = defineOperation({
  name: 'artifact_version.list',
  permission: 'artifact:read',
  input: Type.Object({ artifact_id: id, ...pageInput }, strict),
  output: pageOf(schemas.VersionSchema),
  async run(context, { artifact_id, limit = defaultPageSize, page_token }) {
    const { tx } = context;
    await artifactOf(tx, artifact_id);
    const [before = String(numberMax)] = placeOf(page_token, 1) ?? [];
    if (!/^\d{1,9}$/.test(before) && before !== String(numberMax)) {
      throw invalid('page_token: not a token of this list', 'page_token');
    }
    const rows = await readableSources(context, await queries.listVersions(tx, artifact_id, Number(before), limit + 1));
    return pageFrom(rows, limit, ({ number }) => [String(number)], schemas.shownVersion);
  },
});

async function versionOf(tx: TenantTx, artifact: string, version: string): Promise<queries.VersionRow> {
  const found = await queries.findVersion(tx, artifact, version);
  if (found) return found;
  await artifactOf(tx, artifact);
  throw missingVersion(version);
}

/** A version, as the reader may see where it comes from. */
async function shownTo(
  reader: Reader,
  artifact: string,
  version: string,
): Promise<Static<typeof schemas.VersionSchema>> {
  const [row] = await readableSources(reader, [await versionOf(reader.tx, artifact, version)]);
  return schemas.shownVersion(row as queries.VersionRow);
}

export const getVersion = defineOperation({
  name: 'artifact_version.get',
  permission: 'artifact:read',
  input: Type.Object({ artifact_id: id, version: schemas.version }, strict),
  output: schemas.VersionSchema,
  run: (context, { artifact_id, version }) => shownTo(context, artifact_id, version),
});

const fixed = (version: string): MaestroError =>
  new MaestroError('already_exists', `Version '${version}' has other content, which stays: make a new version.`);

/** A name that any file system takes: of no more than 255 bytes, and no place. */
const fileNameOf = (artifact: string): string =>
  [...artifact.replace(/[^\p{L}\p{N}._ -]+/gu, '_').replace(/^[. ]+/, '_')].slice(0, 60).join('');

/** Gives a version its content, once; the same again is no fault. */
export const uploadContent = defineOperation({
  name: 'artifact_content.write',
  permission: 'artifact:write',
  transaction: 'own',
  streams: true,
  input: Type.Object({
    artifact_id: id,
    version: schemas.version,
    file_name: Type.Optional(
      Type.String({ minLength: 1, maxLength: 255, description: 'What a download is called; else as the artifact.' }),
    ),
    body: Type.Unsafe<Readable>({ description: 'The content, of any type and length.' }),
  }),
  output: schemas.VersionSchema,
  async run(
    { ports, tenant, caller, place, call, inTenant },
    { artifact_id: artifact, version, file_name: given, body },
  ) {
    const file_name = await inTenant(async (tx) => {
      const { storage_path } = await versionOf(tx, artifact, version);
      if (storage_path !== null) {
        throw invalid(`The content of version '${version}' is kept elsewhere, as its storage_path says.`);
      }
      return given === undefined ? fileNameOf((await artifactOf(tx, artifact)).name) : basename(checkFilePath(given));
    });
    return withContent(ports, tenant.id, body, lengthOf(call), (written) =>
      inTenant(async (tx) => {
        const locked = await queries.lockVersion(tx, artifact, version);
        if (!locked) throw missingVersion(version);
        if (locked.sha256 === null) {
          await written.keep(tx);
          await queries.setContent(tx, artifact, version, { sha256: written.sha256, file_name });
        } else if (!locked.sha256.equals(written.sha256)) {
          throw fixed(version);
        }
        return shownTo({ tx, caller, place }, artifact, version);
      }),
    );
  },
});

export const downloadContent = defineOperation({
  name: 'artifact_content.read',
  permission: 'artifact:read',
  transaction: 'own',
  input: Type.Object({ artifact_id: id, version: schemas.version }, strict),
  output: Type.Unsafe<Download>({ description: 'The content.' }),
  async run({ ports, tenant, inTenant }, { artifact_id: artifact, version }) {
    const content = await inTenant(async (tx) => {
      await versionOf(tx, artifact, version);
      return queries.findContent(tx, artifact, version);
    });
    if (content?.storage_path) throw notFound(`The content is not kept here but at '${content.storage_path}'.`);
    const file = content?.blob_id ? await ports.blobs.open(tenant.id, libraryPath(content.blob_id)) : undefined;
    if (!file) throw notFound(`Version '${version}' has no content.`);
    return { path: content?.file_name ?? version, file };
  },
});
