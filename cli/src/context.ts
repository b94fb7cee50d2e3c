import type { Command } from 'commander';
import type { Api } from './api.ts';
import type { Output } from './output.ts';
import type { Environment } from './server.ts';

/** What a command needs of the world around it. */
export interface Context {
  readonly output: Output;
  /** One line to whoever sits at the terminal: no result. */
  note(text: string): void;
  /** Standard error where it is a terminal: progress is shown there (progress.ts). */
  readonly terminal: { write(text: string): void; columns(): number } | undefined;
  readonly environment: Environment;
  /** Finds the server, once a command has been understood. */
  api(): Promise<Api>;
  /** Asks on the terminal. Undefined where nobody is there to answer. */
  ask(question: string): Promise<string | undefined>;
  /** All of standard input. */
  stdin(): Promise<string>;
}

/** Adds a group of commands to the program. */
export type CommandGroup = (program: Command, context: Context) => void;
