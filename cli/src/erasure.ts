import type { Api } from './api.ts';
import type { Context } from './context.ts';

/** What became of the deletion of a person or a tenant. */
interface Erasure {
  readonly erased: Readonly<Record<string, number>>;
}

export const erasureOf = ({ call }: Api, id: string): Promise<Erasure> => call('GET', `/erasures/${id}`);

/** Whoever asked for the deletion may be shown these figures: they name nobody. */
export function showErasure({ output }: Context, id: string, erased: Erasure['erased']): void {
  const rows = Object.entries(erased).map(([what, count]) => [what, String(count)]);
  output.table(['ERASED', 'COUNT'], rows, 'There was nothing.');
  output.line(`The report stands as the erasure ${id}.`);
}
