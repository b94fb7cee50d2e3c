import { createRouter } from '@tanstack/react-router';
import { routeTree } from './routes.tsx';
import { Loading, NotFound, Trouble } from './states.tsx';

export const router = createRouter({
  routeTree,
  defaultPreload: 'intent',
  defaultPendingComponent: Loading,
  defaultNotFoundComponent: NotFound,
  defaultErrorComponent: Trouble,
  scrollRestoration: true,
  // What was typed on the page of one thing is not the next one's.
  defaultRemountDeps: ({ params }) => params,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
