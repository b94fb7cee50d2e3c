import Type from 'typebox';
import type { TenantTx } from '../db/tenancy.ts';
import { invalid } from '../errors.ts';
import { atPlace, pageFrom, placeOf } from '../identity/paging.ts';
import { orNull, pageInput, strict, text } from '../identity/schemas.ts';
import { defineOperation } from '../operation.ts';
import { pageOf } from '../paging.ts';
import type { Kind } from '../search_terms/queries.ts';
import { matchShown, walkedMax, withFacets } from '../search_terms/search_terms.ts';
import { fingerprintOf } from '../tracking/search/page_token.ts';
import { facets } from './index_text.ts';
import { findArtifacts } from './queries.ts';
import * as schemas from './schemas.ts';
import * as queries from './search_queries.ts';

/** The most relevant that a search ranks and pages through. */
const matchesMax = 1_000;

const orders = ['best', 'relevance', 'uses', 'impact', 'created_at'] as const;

interface Paged {
  readonly place: queries.Place | undefined;
  readonly limit: number;
}

const kindsOf = ({ isActive }: queries.Wanted): Kind[] =>
  isActive ? ['artifact'] : ['artifact', 'deprecated_artifact'];

/** Undefined where there are many. */
async function fewWith(tx: TenantTx, wanted: queries.Wanted): Promise<string[] | undefined> {
  const few: string[] = [];
  for (const kind of kindsOf(wanted)) {
    const found = await withFacets(tx, kind, facetsOf(wanted));
    if (!found) return undefined;
    few.push(...found);
  }
  return few;
}

/** All that have the score that is asked for; undefined where they are many, or none is asked for. */
async function fewScored(tx: TenantTx, { minImpact }: queries.Wanted): Promise<string[] | undefined> {
  if (minImpact === undefined) return undefined;
  const found = await queries.withScore(tx, minImpact, walkedMax);
  return found.length < walkedMax ? found : undefined;
}

/** Without words: those of rare facets, or of a score that few have, put in order; or along an index. */
async function withoutWords(tx: TenantTx, wanted: queries.Wanted, order: queries.Order | 'best', paged: Paged) {
  const asked = facetsOf(wanted);
  const few = asked.length > 0 ? await fewWith(tx, wanted) : undefined;
  const among = few ?? (await fewScored(tx, wanted));
  if (order !== 'best') return queries.walkArtifacts(tx, wanted, order, { ...paged, among });
  // What is asked for by its impact is judged.
  const isJudged = wanted.minImpact !== undefined;
  return bestOf(paged, isJudged, (by, part) => queries.walkArtifacts(tx, wanted, by, { ...part, among }));
}

/** By the least that they add to success; behind them, by use, those of which nothing is known. A place says of which it is. */
async function bestOf(
  { place, limit }: Paged,
  isJudged: boolean,
  walk: (order: 'impact' | 'unjudged', paged: Paged) => Promise<queries.Ranked[]>,
): Promise<queries.Ranked[]> {
  const [order, key = ''] = place?.[0].split(' ') ?? ['impact'];
  const from: queries.Place | undefined = place && [key, place[1]];
  const placed = (by: string, found: queries.Ranked[]) => found.map((one) => ({ ...one, key: `${by} ${one.key}` }));
  if (order !== 'impact') return placed('unjudged', await walk('unjudged', { place: from, limit }));
  const judged = await walk('impact', { place: from, limit });
  const left = isJudged ? 0 : limit - judged.length;
  const others = left > 0 ? await walk('unjudged', { place: undefined, limit: left }) : [];
  return [...placed('impact', judged), ...placed('unjudged', others)];
}

/** The most relevant of what words find, ranked: of what is active, and as many of what is deprecated. */
async function matching(
  tx: TenantTx,
  wanted: queries.Wanted,
  query: string,
  rank: queries.Rank,
  { place, limit }: Paged,
): Promise<queries.Ranked[]> {
  const ids = await fewScored(tx, wanted);
  const only = ids || wanted.minImpact === undefined ? undefined : queries.scoredAtLeast(wanted.minImpact);
  const shown = queries.ranked(rank, place, limit);
  const asked = { query, facets: facetsOf(wanted), limit: matchesMax, ids, only };
  const found: queries.Ranked[][] = [];
  for (const kind of kindsOf(wanted)) found.push(await matchShown<queries.Ranked>(tx, { ...asked, kind }, shown));
  return found
    .flat()
    .sort((a, b) => Number(b.key) - Number(a.key) || (a.id < b.id ? 1 : -1))
    .slice(0, limit);
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
          description: `The greatest first. best, the default: relevance, raised by use and impact; without words, impact, and behind it use. With
words the ${matchesMax} most relevant are ranked, and as many deprecated ones where these are asked for. impact: the lower end of the interval of what they add to success; it
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
    const paged = { place: from, limit: limit + 1 };
    const ranked = await atPlace(from, async () => {
      if (q.trim() !== '') return matching(tx, wanted, q, order, paged);
      return withoutWords(tx, wanted, order === 'relevance' ? 'best' : order, paged);
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
    const rows = await atPlace(place, () =>
      queries.walkArtifacts(tx, wanted, 'created_at', { place, limit: limit + 1 }),
    );
    const page = pageFrom(
      rows,
      limit,
      ({ key, id }) => [key, id],
      ({ id }) => id,
    );
    const items = (await findArtifacts(tx, page.items)).map(schemas.shownArtifact);
    return { items, next_page_token: page.next_page_token };
  },
});
