import Type from 'typebox';
import { MaestroError } from '../errors.ts';
import { id, strict } from '../identity/schemas.ts';
import { defineOperation } from '../operation.ts';
import { missingProject } from '../projects/refusals.ts';
import { holdProjects } from './spec_queries.ts';
import * as schemas from './spec_schemas.ts';
import { embed, stored } from './spec_vectors.ts';
import { storeSpecs } from './specs.ts';

const batchMax = 100;

/** Stores the requirements of projects, in place of those they had. All or none. Not audited: what they say is not kept twice. */
export const embedSpecs = defineOperation({
  name: 'spec.embed',
  permission: 'project:write',
  transaction: 'own',
  input: Type.Object(
    {
      specs: Type.Array(Type.Object({ project_id: id, text: schemas.specText }, strict), {
        minItems: 1,
        maxItems: batchMax,
        description: 'Each project once.',
      }),
    },
    strict,
  ),
  narrows: true,
  output: Type.Object({
    stored: Type.Integer(),
    by: schemas.by,
  }),
  async run({ ports, scope, inTenant }, { specs }) {
    const known = new Set<string>();
    const missing = (at: number): MaestroError => {
      const { message } = missingProject(specs[at]?.project_id as string);
      const field = `specs.${at}.project_id`;
      return new MaestroError('not_found', `${field}: ${message}`, { field });
    };
    for (const [at, { project_id }] of specs.entries()) {
      const field = `specs.${at}.project_id`;
      if (known.has(project_id))
        throw new MaestroError('invalid_parameter', `${field}: it was named before`, { field });
      if (scope && !scope.projects.includes(project_id)) throw missing(at);
      known.add(project_id);
    }
    const embedded = await embed(
      ports,
      specs.map(({ text }) => text),
    );
    await inTenant(async (tx) => {
      const held = await holdProjects(tx, [...known]);
      const absent = specs.findIndex(({ project_id }) => !held.has(project_id));
      if (absent >= 0) throw missing(absent);
      await storeSpecs(
        tx,
        specs.map((spec, at) => {
          const one = embedded?.[at];
          return { ...spec, embedding: one && { model: one.model, vector: stored(one) } };
        }),
      );
    });
    return { stored: specs.length, by: embedded ? ('embeddings' as const) : ('bm25' as const) };
  },
});
