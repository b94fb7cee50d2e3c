import type { Init, Options } from './call.ts';
import type { paths } from './contract.ts';

interface Page<Item> {
  items: Item[];
  next_page_token: string | null;
}
/** What a route lists, where its answer is a page. */
type ItemOf<Path extends keyof paths, Method extends 'get' | 'post'> = paths[Path][Method] extends {
  responses: { 200: { content: { 'application/json': Page<infer Item> } } };
}
  ? Item
  : never;
type ListsOf<Method extends 'get' | 'post'> = {
  [Path in keyof paths]: [ItemOf<Path, Method>] extends [never] ? never : Path;
}[keyof paths];

/** Every item of a list, asked for page by page as they are read; `limit` is that of a page. */
export interface Pages {
  <Path extends ListsOf<'get'>, Given extends Options<Path, 'get'>>(
    path: Path,
    ...options: Init<Given>
  ): AsyncGenerator<ItemOf<Path, 'get'>, void, undefined>;
  /** Of a search that takes its query as a body. */
  <Path extends ListsOf<'post'>, Given extends Options<Path, 'post'>>(
    path: Path,
    ...options: Init<Given>
  ): AsyncGenerator<ItemOf<Path, 'post'>, void, undefined>;
}

interface Asked {
  readonly body?: object;
  readonly params?: { readonly query?: object };
}
type Ask = (path: string, options: Asked) => Promise<{ data: Page<unknown> }>;

/** Reads lists by GET, and searches by POST. */
export const pagesBy = (get: Ask, post: Ask): Pages =>
  async function* (path: string, asked: Asked = {}) {
    let token: string | null = null;
    do {
      const more: object = token === null ? {} : { page_token: token };
      const { data }: { data: Page<unknown> } = asked.body
        ? await post(path, { ...asked, body: { ...asked.body, ...more } })
        : await get(path, { ...asked, params: { ...asked.params, query: { ...asked.params?.query, ...more } } });
      yield* data.items;
      token = data.next_page_token;
    } while (token !== null);
  } as Pages;
