/**
 * What the markers said at one moment. Two moments with the same `era` and `epoch` have no change between them; of two
 * with the same `era` and `markers`, none that concerns their subjects.
 */
export interface Moment {
  /** Another one where markers may have been lost: nothing that was known before says anything then. */
  readonly era: string;
  /** Another one after every change of anything. */
  readonly epoch: string;
  /** Of each subject asked for, in order; another one after each change of it. */
  readonly markers: readonly string[];
}

/**
 * Tells every process of a deployment that something changed (a session ended, a key revoked), so that what is cached
 * of it is not believed any more. It holds no truth: whoever finds a difference asks PostgreSQL, and whoever cannot
 * read a moment asks it every time. A subject is a short text such as `session <id>`.
 */
export interface Revocations {
  /**
   * Marks subjects as changed, to be called once the change is committed. When it is fulfilled, every `read` that
   * begins from then on, in every process that can read, gives another moment. Never rejects.
   */
  mark(subjects: readonly string[]): Promise<void>;
  /** Undefined where it cannot be known now. */
  read(subjects: readonly string[]): Moment | undefined | Promise<Moment | undefined>;
  /** Milliseconds for which something cached may be believed, checked by moments all along. */
  readonly lifeMs: number;
  close(): Promise<void>;
}
