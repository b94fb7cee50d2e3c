import type { Maestro } from '@maestro/sdk';
import { inTenantOf } from './client.ts';
import type { Context } from './context.ts';
import { openTransfer } from './progress.ts';
import { saveWhole } from './save.ts';

interface Wanted {
  readonly tenant: string | undefined;
  /** The file to be; `-` is standard output. */
  readonly target: string;
  /** What is shown while it comes. */
  readonly label: string;
}

/** Fetches a file as it arrives, whole or not at all; goes on where it was where the connection breaks. */
export async function downloadTo(
  context: Context,
  { tenant, target, label }: Wanted,
  open: (maestro: Maestro, onProgress: (bytes: number) => void) => ReturnType<Maestro['download']>,
): Promise<void> {
  await inTenantOf(await context.api(), tenant, async (maestro) => {
    let passed: (bytes: number) => void = () => undefined;
    const { size, body } = await open(maestro, (bytes) => passed(bytes));
    const { onProgress, done } = openTransfer(context, label, size);
    passed = onProgress;
    try {
      if (target === '-') for await (const piece of body) await context.output.raw(piece);
      else await saveWhole(body, target);
    } finally {
      done();
    }
  });
}
