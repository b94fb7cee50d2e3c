import type { ReactNode } from 'react';
import { AnchorLink } from '../app/links.tsx';
import { anew } from './search.ts';

/** A link to another of the files that the page shows. */
export const FileLink = ({ path, children }: { readonly path: string; readonly children: ReactNode }) => (
  <AnchorLink to="." search={((before: object) => ({ ...before, ...anew, path: path || undefined })) as never}>
    {children}
  </AnchorLink>
);
