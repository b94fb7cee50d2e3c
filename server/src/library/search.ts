import Type from 'typebox';
import type { TenantTx } from '../db/tenancy.ts';
import { invalid } from '../errors.ts';
import { atPlace, pageFrom, placeOf } from '../identity/paging.ts';
import { orNull, pageInput, strict, text } from '../identity/schemas.ts';
import { defineOperation } from '../operation.ts';
import { pageOf } from '../paging.ts';
import { matchText, withFacets } from '../search_terms/search_terms.ts';
import { fingerprintOf } from '../tracking/search/page_token.ts';
import { facets } from './index_text.ts';
import { findArtifacts } from './queries.ts';
import * as schemas from './schemas.ts';
import * as queries from './search_queries.ts';

/** The most relevant that a search ranks and pages through. */
const matchesMax = 1_000;

const orders = ['best', 'relevance', 'uses', 'impact', 'created_at'] as const;
type Order = (typeof orders)[number];

interface Ranked {
  readonly id: string;
  readonly key: string;
  readonly relevance: number | null;
}

/**
 * How high a match stands. `best`: its relevance, raised by use (each doubling of the uses by 15 %) and by what it is
 * expected to add to success (by half at most). `impact`: what it adds at least, in nine of ten cases.
 */
function scoreOf(
  order: Order,
  { uses, avg_impact_score: impact, impact_low: least, created_at }: queries.Standing,
  relevance: number,
): number {
  switch (order) {
    case 'relevance':
      return relevance;
    case 'uses':
      return uses;
    case 'impact':
      return least ?? Number.NEGATIVE_INFINITY;
    case 'created_at':
      return created_at.getTime();
    case 'best':
      return relevance * (1 + 0.15 * Math.log2(1 + uses)) * (1 + 0.5 * Math.tanh((impact ?? 0) / 10));
  }
}

/** The matches behind a place, the highest first. */
async function rank(
  tx: TenantTx,
  matches: ReadonlyMap<string, number | null>,
  order: Order,
  wanted: queries.Wanted,
  place: readonly [key: string, id: string] | undefined,
): Promise<Ranked[]> {
  const found = (await queries.standings(tx, [...matches.keys()], wanted)).flatMap((standing) => {
    if (order === 'impact' && standing.impact_low === null) return [];
    const relevance = matches.get(standing.artifact_id) ?? null;
    return [{ id: standing.artifact_id, score: scoreOf(order, standing, relevance ?? 0), relevance }];
  });
  found.sort((a, b) => b.score - a.score || (a.id < b.id ? 1 : -1));
  const start = place && { score: Number(place[0]), id: place[1] };
  if (start && Number.isNaN(start.score)) throw invalid('page_token: not a token of this list', 'page_token');
  return found
    .filter(({ id, score }) => !start || score < start.score || (score === start.score && id < start.id))
    .map(({ id, score, relevance }) => ({ id, key: String(score), relevance }));
}

/** Without words: all that have rare facets, ranked; or along an index where the facets are common. */
async function withoutWords(
  tx: TenantTx,
  wanted: queries.Wanted,
  order: queries.Order,
  place: readonly [string, string] | undefined,
  limit: number,
): Promise<Ranked[]> {
  const asked = facetsOf(wanted);
  const few = asked.length > 0 ? await withFacets(tx, 'artifact', asked) : undefined;
  if (few) return rank(tx, new Map(few.map((id) => [id, null])), order, wanted, place);
  const rows = await queries.walkArtifacts(tx, wanted, order, place, limit);
  return rows.map(({ artifact_id: id, key }) => ({ id, key, relevance: null }));
}

const facetsOf = ({ type, tags }: queries.Wanted): string[] => [
  ...(type === undefined ? [] : [facets.type(type)]),
  ...tags.map(facets.tag),
];

const Found = Type.Object({
  ...schemas.ArtifactSchema.properties,
  relevance: orNull(Type.Number({ description: 'How well it matches the words; null without any.' })),
});

export const searchArtifacts = defineOperation({
  name: 'artifact.search',
  permission: 'artifact:read',
  input: Type.Object(
    {
      q: Type.Optional(text(0, 1000, { description: 'Words: each matches, also by its beginning or misspelt.' })),
      type: Type.Optional(schemas.artifactType),
      tags: Type.Optional(Type.Array(schemas.tag, { maxItems: 10, description: 'All of them.' })),
      min_impact: Type.Optional(
        Type.Number({ description: 'The least avg_impact_score; leaves out those of which nothing is known.' }),
      ),
      active_only: Type.Optional(Type.Boolean({ description: 'True by default: without what is deprecated.' })),
      order_by: Type.Optional(
        Type.Enum([...orders], {
          description: `The greatest first. best, the default: relevance, raised by use and impact; without words, use. With
words the ${matchesMax} most relevant are ranked. impact: the lower end of the interval of what they add to success; it
leaves out those of which nothing is known.`,
        }),
      ),
      ...pageInput,
    },
    strict,
  ),
  output: pageOf(Found),
  async run({ tx }, input) {
    const { q = '', type, tags = [], min_impact: minImpact, active_only: isActive = true, limit = 50 } = input;
    const { order_by: order = 'best' } = input;
    const fingerprint = fingerprintOf([q, type, tags, minImpact, isActive, order]);
    const [token, ...place] = placeOf(input.page_token, 3) ?? [];
    if (token !== undefined && token !== fingerprint) {
      throw invalid('page_token: it belongs to another search; repeat its words, filters and order_by', 'page_token');
    }
    const from = token === undefined ? undefined : (place as [string, string]);
    const wanted = { type, tags: [...new Set(tags)], isActive, minImpact };
    const ranked = await atPlace(from, async () => {
      if (q.trim() === '') {
        const index = order === 'best' || order === 'relevance' ? 'uses' : order;
        return withoutWords(tx, wanted, index, from, limit + 1);
      }
      const matches = await matchText(tx, 'artifact', q, matchesMax, facetsOf(wanted));
      return rank(tx, new Map(matches.map(({ id, relevance }) => [id, relevance])), order, wanted, from);
    });
    const page = pageFrom(
      ranked,
      limit,
      ({ id, key }) => [fingerprint, key, id],
      (one) => one,
    );
    const rows = new Map(
      (
        await findArtifacts(
          tx,
          page.items.map(({ id }) => id),
        )
      ).map((row) => [row.artifact_id, row]),
    );
    const items = page.items.flatMap(({ id, relevance }) => {
      const row = rows.get(id);
      return row ? [{ ...schemas.shownArtifact(row), relevance }] : [];
    });
    return { items, next_page_token: page.next_page_token };
  },
});

/** The newest first, also what is deprecated. */
export const listArtifacts = defineOperation({
  name: 'artifact.list',
  permission: 'artifact:read',
  input: Type.Object(
    { name: Type.Optional(schemas.artifactName), type: Type.Optional(schemas.artifactType), ...pageInput },
    strict,
  ),
  output: pageOf(schemas.ArtifactSchema),
  async run({ tx }, { name, type, limit = 50, page_token }) {
    const place = placeOf(page_token, 2) as [string, string] | undefined;
    const wanted = { name, type, tags: [], isActive: false, minImpact: undefined };
    const rows = await atPlace(place, () => queries.walkArtifacts(tx, wanted, 'created_at', place, limit + 1));
    const page = pageFrom(
      rows,
      limit,
      ({ key, artifact_id }) => [key, artifact_id],
      ({ artifact_id }) => artifact_id,
    );
    const items = (await findArtifacts(tx, page.items)).map(schemas.shownArtifact);
    return { items, next_page_token: page.next_page_token };
  },
});
