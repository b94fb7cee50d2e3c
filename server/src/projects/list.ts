import Type from 'typebox';
import type { TenantTx } from '../db/tenancy.ts';
import { invalid } from '../errors.ts';
import { atPlace, defaultPageSize, pageFrom, placeOf } from '../identity/paging.ts';
import { pageInput, strict, text } from '../identity/schemas.ts';
import { defineOperation } from '../operation.ts';
import { pageOf } from '../paging.ts';
import { matchText } from '../search_terms/search_terms.ts';
import { fingerprintOf } from '../tracking/search/page_token.ts';
import { type OrderField, orders, projectsAmong, projectsInOrder, type Start } from './list_queries.ts';
import { day, ProjectSchema, shown } from './operations.ts';

const score = Type.Number({ minimum: 0, maximum: 100 });
/** Projects that a text finds. */
const foundMax = 1_000;
const size = Type.Integer({ minimum: 1, maximum: 100_000 });

/** `field:value`: what the metadata must hold. */
function equalityOf(given: string): readonly [field: string, value: string] {
  const colon = given.indexOf(':');
  if (colon < 1) throw invalid('metadata: expected FIELD:VALUE, such as industry:retail', 'metadata');
  return [given.slice(0, colon), given.slice(colon + 1)];
}

/** A token is bound to what was asked; the sort value of a row without one is no text. */
function startOf(token: string | undefined, fingerprint: string): Start | undefined {
  const [found, has, value = '', id = ''] = placeOf(token, 4) ?? [];
  if (found === undefined) return undefined;
  if (found !== fingerprint) {
    throw invalid('page_token: it belongs to another list; repeat the filters and the order', 'page_token');
  }
  return { value: has === 'value' ? value : null, id };
}

/** Projects that a text finds, the best first; `only` among some, of which none is crowded out by others. */
async function foundIn(tx: TenantTx, q: string, only: readonly string[] | undefined): Promise<string[]> {
  const found = await matchText(tx, { kind: 'project', query: q, limit: foundMax, ids: only });
  return found.map(({ id }) => id);
}

export const listProjects = defineOperation({
  name: 'project.list',
  permission: 'project:read',
  input: Type.Object(
    {
      name: Type.Optional(text(1, 200, { description: 'The whole of it.' })),
      problem_class: Type.Optional(text(1, 100)),
      state: Type.Optional(Type.Enum(['active', 'finished'], { description: 'Finished: with a completion date.' })),
      started_from: Type.Optional(day),
      started_until: Type.Optional(day),
      completed_from: Type.Optional(day),
      completed_until: Type.Optional(day),
      success_min: Type.Optional(score),
      success_max: Type.Optional(score),
      team_size_min: Type.Optional(size),
      team_size_max: Type.Optional(size),
      metadata: Type.Optional(
        Type.Array(text(2, 1000), {
          maxItems: 10,
          description: 'FIELD:VALUE, any number of times: a field of the metadata has this value, as text.',
        }),
      ),
      q: Type.Optional(
        text(1, 500, {
          description: `Words of the name, the class of problem or the texts in the metadata, as they stand, beginnings of them or misspelt; the ${foundMax} projects that fit best.`,
        }),
      ),
      order_by: Type.Optional(
        Type.Enum([...(Object.keys(orders) as OrderField[]), 'relevance'], {
          description: 'created_at unless said otherwise; with q, relevance.',
        }),
      ),
      order: Type.Optional(
        Type.Enum(['asc', 'desc'], { default: 'desc', description: 'Projects without a value are last either way.' }),
      ),
      ...pageInput,
    },
    strict,
  ),
  narrows: true,
  output: pageOf(ProjectSchema),
  async run({ tx, scope }, { limit = defaultPageSize, page_token: token, order = 'desc', ...asked }) {
    const field = asked.order_by ?? (asked.q === undefined ? 'created_at' : 'relevance');
    if (field === 'relevance' && asked.q === undefined) throw invalid('order_by: relevance needs q', 'order_by');
    const fingerprint = fingerprintOf([order, ...Object.entries(asked).sort()]);
    const start = startOf(token, fingerprint);
    const found = asked.q === undefined ? undefined : await foundIn(tx, asked.q, scope?.projects);
    const wanted = {
      name: asked.name,
      problemClass: asked.problem_class,
      isFinished: asked.state && asked.state === 'finished',
      ranges: [
        { field: 'start_date', least: asked.started_from, greatest: asked.started_until },
        { field: 'completion_date', least: asked.completed_from, greatest: asked.completed_until },
        { field: 'success_score', least: asked.success_min, greatest: asked.success_max },
        { field: 'team_size', least: asked.team_size_min, greatest: asked.team_size_max },
      ] as const,
      metadata: (asked.metadata ?? []).map(equalityOf),
      found,
      only: scope?.projects,
    };
    const rows = await atPlace(token === undefined ? undefined : [token], () =>
      found && field === 'relevance'
        ? projectsAmong(tx, wanted, found, start ? Number(start.value) + 1 : 0, limit + 1)
        : projectsInOrder(tx, wanted, {
            order: { field: field as OrderField, descending: order === 'desc' },
            start,
            limit: limit + 1,
          }),
    );
    const keyOf = ({ place, project_id: id }: (typeof rows)[number]) =>
      place === null ? [fingerprint, '', '', id] : [fingerprint, 'value', place, id];
    return pageFrom(rows, limit, keyOf, ({ place: _, ...row }) => shown(row));
  },
});
