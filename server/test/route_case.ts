import { randomUUID } from 'node:crypto';
import type { Role } from '../src/identity/roles.ts';
import type { TestApp } from './app.ts';
import type { World } from './route_world.ts';

/** A request that succeeds for who may make it, on things of `world`. */
export interface Sample {
  /** Of the path; `*` is its rest. */
  params?: Record<string, string>;
  query?: Record<string, string>;
  json?: unknown;
  body?: string;
}

export interface RouteCase {
  /** The weakest who may: said here again, so that a wrong permission of an operation shows. */
  needs: Role | 'signed_in' | 'operator' | 'operator_key' | 'operator_session' | 'public';
  sample?: (world: World, app: TestApp) => Sample | Promise<Sample>;
  /** A user's session is needed: a service account has no such things of its own. */
  asUser?: true;
  /** It concerns a person, in no tenant: a header that names one means nothing to it. */
  personal?: true;
  /** What it answers its weakest caller; 200 to 299 unless given, with a reason. */
  answers?: [status: number, reason: string];
  /** What a stranger gets by naming a thing of a tenant; 404 unless given, with a reason. */
  stranger?: [status: number, reason: string];
}

export type Key = 'the experiment' | 'the run';

export const read = 'viewer';
export const write = 'data_scientist';
export const remove = 'ml_engineer';
export const ids = (thing: Parameters<World['the']>[0], name: string) => async (world: World) => ({
  params: { [name]: await world.the(thing) },
});
export const unique = (): string => `n-${randomUUID()}`;

/** Names of both of a tenant's identifiers in a message. */
export const message =
  (of: Key, more: Record<string, unknown> = {}) =>
  async (world: World) => ({
    json:
      of === 'the run'
        ? { run_id: await world.the('run'), ...more }
        : { experiment_id: await world.the('experiment'), ...more },
  });
export const query =
  (of: Key, more: Record<string, string> = {}) =>
  async (world: World) => ({
    query:
      of === 'the run'
        ? { run_id: await world.the('run'), ...more }
        : { experiment_id: await world.the('experiment'), ...more },
  });

export const ownTree: [number, string] = [200, 'writes into the files of the caller, whose path has the same name'];
export const empty: [number, string] = [200, 'a search in an experiment that is not there finds nothing'];
export const login = (app: TestApp) => ({ json: { email: app.admin.email, password: app.admin.password } });
