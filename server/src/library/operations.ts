import Type from 'typebox';
import type { TenantTx } from '../db/tenancy.ts';
import { actorOf } from '../identity/caller.ts';
import { id, strict, text } from '../identity/schemas.ts';
import { markDue } from '../insight/due.ts';
import { giveBackCounted, takeCounted } from '../limits/counted.ts';
import { defineOperation } from '../operation.ts';
import { removeText } from '../search_terms/search_terms.ts';
import { digestsOf, dropContents } from './content_queries.ts';
import { indexArtifact } from './index_text.ts';
import { discardFiles } from './kept.ts';
import * as queries from './queries.ts';
import { missingArtifact, takenName } from './refusals.ts';
import * as schemas from './schemas.ts';
import { insertVersion } from './version_queries.ts';

const details = { type: schemas.artifactType, description: schemas.description, tags: schemas.tags };

/** Makes an artifact that is found and counted. */
export async function makeArtifact(
  tx: TenantTx,
  fields: queries.ArtifactFields,
  createdBy: string,
  max: number,
): Promise<string> {
  const artifact = await queries.insertArtifact(tx, fields, createdBy);
  if (artifact === undefined) throw takenName(fields.name);
  await indexArtifact(tx, artifact, fields);
  await takeCounted(tx, 'artifacts', 1, max);
  return artifact;
}

export async function artifactOf(tx: TenantTx, artifact: string): Promise<queries.ArtifactRow> {
  const [found] = await queries.findArtifacts(tx, [artifact]);
  if (!found) throw missingArtifact(artifact);
  return found;
}

/** With its first version, where the call says what that is called or where it is kept. */
export const createArtifact = defineOperation({
  name: 'artifact.create',
  permission: 'artifact:write',
  transaction: 'own',
  input: Type.Object(
    {
      name: schemas.artifactName,
      type: schemas.artifactType,
      description: Type.Optional(schemas.description),
      tags: Type.Optional(schemas.tags),
      version: Type.Optional(schemas.version),
      storage_path: Type.Optional(schemas.storagePath),
    },
    strict,
  ),
  output: schemas.ArtifactSchema,
  async run({ ports, tenant, caller, inTenant }, input) {
    const { name, type, description = '', tags = [], version, storage_path } = input;
    const { maxArtifacts } = await ports.limits.tenants.of(tenant.id);
    const created_by = actorOf(caller).id;
    return inTenant(async (tx) => {
      const artifact = await makeArtifact(tx, { name, type, description, tags }, created_by, maxArtifacts);
      if (version !== undefined || storage_path !== undefined) {
        const first = { version, description: '', storage_path: storage_path ?? null, created_by };
        await insertVersion(tx, artifact, first);
      }
      return schemas.shownArtifact(await artifactOf(tx, artifact));
    });
  },
});

export const getArtifact = defineOperation({
  name: 'artifact.get',
  permission: 'artifact:read',
  input: Type.Object({ artifact_id: id }, strict),
  output: schemas.ArtifactSchema,
  run: async ({ tx }, { artifact_id }) => schemas.shownArtifact(await artifactOf(tx, artifact_id)),
});

/** Changes what is given. */
export const updateArtifact = defineOperation({
  name: 'artifact.update',
  permission: 'artifact:write',
  input: Type.Object(
    { artifact_id: id, ...Type.Partial(Type.Object({ name: schemas.artifactName, ...details })).properties },
    strict,
  ),
  output: schemas.ArtifactSchema,
  async run({ tx }, { artifact_id: artifact, ...changes }) {
    const after = { ...(await locked(tx, artifact)), ...changes };
    if (!(await queries.updateArtifact(tx, artifact, after))) throw takenName(after.name);
    await indexArtifact(tx, artifact, after);
    return schemas.shownArtifact(await artifactOf(tx, artifact));
  },
});

async function locked(tx: TenantTx, artifact: string) {
  const found = await queries.lockArtifact(tx, artifact);
  if (!found) throw missingArtifact(artifact);
  return found;
}

async function setActive(tx: TenantTx, artifact: string, isActive: boolean, reason: string | null) {
  await locked(tx, artifact);
  await queries.setActive(tx, artifact, isActive, reason);
  return schemas.shownArtifact(await artifactOf(tx, artifact));
}

/** It stays where it is used; searches that ask for what is active find it no more. */
export const deprecateArtifact = defineOperation({
  name: 'artifact.deprecate',
  permission: 'artifact:write',
  audit: true,
  input: Type.Object({ artifact_id: id, reason: Type.Optional(text(1, 1000)) }, strict),
  output: schemas.ArtifactSchema,
  run({ tx, audit }, { artifact_id, reason }) {
    audit(artifact_id);
    return setActive(tx, artifact_id, false, reason ?? null);
  },
});

export const restoreArtifact = defineOperation({
  name: 'artifact.restore',
  permission: 'artifact:write',
  audit: true,
  input: Type.Object({ artifact_id: id }, strict),
  output: schemas.ArtifactSchema,
  run({ tx, audit }, { artifact_id }) {
    audit(artifact_id);
    return setActive(tx, artifact_id, true, null);
  },
});

/** With its versions, its usages, and contents that no other version has. Whatever locks these does so in this order. */
export const deleteArtifact = defineOperation({
  name: 'artifact.delete',
  permission: 'artifact:delete',
  audit: true,
  input: Type.Object({ artifact_id: id }, strict),
  output: Type.Null(),
  async run({ tx, audit, ports, tenant }, { artifact_id: artifact }) {
    const { name } = await locked(tx, artifact);
    audit(artifact, { name });
    // Its users are judged without it from now on.
    markDue(tx, 'impact', 'model');
    const digests = await digestsOf(tx, artifact);
    await removeText(tx, { kind: 'artifact', id: artifact });
    await queries.deleteArtifact(tx, artifact);
    await giveBackCounted(tx, 'artifacts', 1);
    const files = await dropContents(tx, digests);
    tx.onCommit(() => discardFiles(ports, tenant.id, files));
    return null;
  },
});
