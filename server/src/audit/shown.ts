import Type, { type Static } from 'typebox';
import type { People } from '../identity/people.ts';
import { id, time } from '../identity/schemas.ts';
import type { StoredEvent } from './chain.ts';
import { contextOf } from './queries.ts';

/** An audit row as readers see it, its personal fields opened. */
export const auditEvent = Type.Object({
  seq: Type.Integer({ minimum: 1, description: 'Its number in the chain, from 1, without gaps.' }),
  id,
  at: time,
  actor: Type.Object({ kind: Type.String(), id: Type.String() }),
  action: Type.String(),
  target: Type.String(),
  outcome: Type.Enum(['success', 'refused']),
  request_id: Type.String(),
  address: Type.String({ description: 'Where the call came from; empty where it is not known, or was erased.' }),
  personal: Type.Record(Type.String(), Type.String(), { description: 'What more is known of the person.' }),
  erased: Type.Boolean({ description: 'Whether the key of the personal fields was destroyed.' }),
  detail: Type.Record(Type.String(), Type.Unknown()),
  previous_hash: Type.String({ description: 'SHA-256 of the row before, in hex.' }),
  hash: Type.String({ description: 'SHA-256 of this row, in hex.' }),
});
export type ShownEvent = Static<typeof auditEvent>;

/** Opens the personal fields of rows; where their key was destroyed they are empty. */
export async function shownEvents(people: People, rows: readonly StoredEvent[]): Promise<ShownEvent[]> {
  const sealed = rows.flatMap(({ event_id, person, personal }) =>
    personal === null ? [] : [{ event_id, person, sealed: personal, context: contextOf(event_id) }],
  );
  const texts = await people.open(sealed);
  const opened = new Map(sealed.map(({ event_id }, at) => [event_id, texts[at]]));
  return rows.map((row) => {
    const text = opened.get(row.event_id);
    const { address = row.address, ...personal } = (text === undefined ? {} : JSON.parse(text)) as Record<
      string,
      string
    >;
    return {
      seq: row.seq,
      id: row.event_id,
      at: row.created_at.toISOString(),
      actor: { kind: row.actor_kind, id: row.actor_id },
      action: row.action,
      target: row.target,
      outcome: row.outcome,
      request_id: row.request_id,
      address,
      personal,
      erased: row.personal !== null && text === undefined,
      detail: JSON.parse(row.detail) as Record<string, unknown>,
      previous_hash: row.previous_hash.toString('hex'),
      hash: row.hash.toString('hex'),
    };
  });
}
