import Type, { type TSchema } from 'typebox';

export const PageToken = Type.String({ maxLength: 20_000, description: 'The `next_page_token` of the page before.' });

/** A page of a list, in the form that all lists of `/api/v1` have. */
export const pageOf = <Item extends TSchema>(item: Item) =>
  Type.Object({
    items: Type.Array(item),
    next_page_token: Type.Union([Type.String(), Type.Null()], { description: 'Null on the last page.' }),
  });
