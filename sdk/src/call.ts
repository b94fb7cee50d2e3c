import type { FetchResponse, MaybeOptionalInit } from 'openapi-fetch';
import type { paths } from './contract.ts';

export type Verb = 'get' | 'put' | 'post' | 'patch' | 'delete';

export interface RetryOptions {
  /** How often this call is repeated at most, where it fails of something that passes. */
  readonly retries?: number;
  /** Whether being carried out twice does no more than once. GET, PUT, DELETE and searches are so by themselves. */
  readonly repeatable?: boolean;
}

type PathsOf<Method extends Verb> = {
  [Path in keyof paths]: paths[Path] extends Record<Method, object> ? Path : never;
}[keyof paths];
export type Options<Path extends keyof paths, Method extends Verb> = MaybeOptionalInit<
  paths[Path],
  Method & keyof paths[Path]
>;
export type Init<Given> =
  Record<never, never> extends Given ? [options?: Given & RetryOptions] : [options: Given & RetryOptions];
/** What openapi-fetch answers where nothing is wrong: what is wrong is thrown. */
type Done<Answer> = Extract<Answer, { error?: never }>;

/** Calls by one method. */
export type Call<Method extends Verb> = <Path extends PathsOf<Method>, Given extends Options<Path, Method>>(
  path: Path,
  ...options: Init<Given>
) => Promise<Done<FetchResponse<paths[Path][Method & keyof paths[Path]] & object, Given, `${string}/${string}`>>>;
