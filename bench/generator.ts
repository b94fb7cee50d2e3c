import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import type { Target } from './client.ts';
import type { Figures } from './load.ts';
import type { FloodFigures } from './sign_in_flood.ts';

interface Load {
  readonly seconds: number;
  readonly connections: number;
}

/** What a load generator is told. */
export type Order =
  | { readonly kind: 'prepare'; readonly target: Target }
  | ({ readonly kind: 'run'; readonly scenario: string } & Load)
  | ({ readonly kind: 'sign_in_flood' } & Load);

/** A process that puts load on one server. */
export class Generator {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Starts the process and has it write the stock that the scenarios work on. */
  static async start(target: Target): Promise<Generator> {
    const generator = new Generator(fork(path.join(import.meta.dirname, 'load_worker.ts'), { execArgv: [] }));
    await generator.#ask({ kind: 'prepare', target });
    return generator;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  async run(scenario: string, load: Load): Promise<Figures> {
    return (await this.#ask({ kind: 'run', scenario, ...load })) as Figures;
  }

  async floodSignIn(load: Load): Promise<FloodFigures> {
    return (await this.#ask({ kind: 'sign_in_flood', ...load })) as FloodFigures;
  }

  stop(): void {
    if (this.#child.connected) this.#child.disconnect();
  }

  /** One order at a time. */
  #ask(order: Order): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const onExit = () => reject(new Error('the load generator ended'));
      this.#child.once('exit', onExit);
      this.#child.once('message', (answer: { result?: unknown; error?: string }) => {
        this.#child.off('exit', onExit);
        if (answer.error === undefined) resolve(answer.result);
        else reject(new Error(answer.error));
      });
      this.#child.send(order);
    });
  }
}
