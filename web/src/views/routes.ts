import { createRoute, redirect } from '@tanstack/react-router';
import { apiOf } from '../api/api.ts';
import { tenant } from '../app/parents.tsx';

/** The short link of a saved view leads to what it shows. */
export const savedView = createRoute({
  getParentRoute: () => tenant,
  path: '/v/$viewId',
  loader: async ({ params: { tenant: slug, viewId }, abortController: { signal } }) => {
    const path = { view_id: viewId };
    const { data } = await apiOf(slug).GET('/views/{view_id}', { signal, params: { path } });
    throw redirect({ href: `/t/${slug}/${data.path}${data.query === '' ? '' : `?${data.query}`}`, replace: true });
  },
});
