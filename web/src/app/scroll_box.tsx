import type { ComponentProps } from 'react';

/** What scrolls in a box of its own: with a label, a place on the page that is found by it. */
export const ScrollBox = ({ label, ...props }: ComponentProps<'section'> & { readonly label?: string | undefined }) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard (WCAG 2.1.1)
  <section aria-label={label} tabIndex={0} {...props} />
);
