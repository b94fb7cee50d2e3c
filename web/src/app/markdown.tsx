import { Anchor, Typography } from '@mantine/core';
import { type ReactNode, useMemo } from 'react';
import Markdown, { type Components } from 'react-markdown';
import rehypeSanitize from 'rehype-sanitize';
import remarkGfm from 'remark-gfm';
import classes from './markdown.module.css';

/** The files among which a text stands, where it does. */
export interface OwnFiles {
  /** The path of the file that is meant by what the text says; undefined where it leads elsewhere. */
  readonly pathOf: (reference: string) => string | undefined;
  readonly link: (path: string, children: ReactNode) => ReactNode;
  readonly picture: (path: string, alt: string) => ReactNode;
}

const Away = ({ href, children }: { readonly href: string | undefined; readonly children: ReactNode }) => (
  <Anchor href={href} target="_blank" rel="noopener noreferrer nofollow">
    {children}
  </Anchor>
);

const componentsFor = (own: OwnFiles | undefined): Components => ({
  a: ({ href, children }) => {
    const path = own?.pathOf(href ?? '');
    return own && path !== undefined ? own.link(path, children) : <Away href={href}>{children}</Away>;
  },
  img: ({ src, alt }) => {
    if (typeof src !== 'string' || src === '') return <span>{alt}</span>;
    const path = own?.pathOf(src);
    return own && path !== undefined ? own.picture(path, alt ?? '') : <Away href={src}>{alt || src}</Away>;
  },
  // Its heading is the page's.
  h1: ({ children }) => <h3>{children}</h3>,
  h2: ({ children }) => <h4>{children}</h4>,
  h3: ({ children }) => <h5>{children}</h5>,
  h4: ({ children }) => <h6>{children}</h6>,
});

/**
 * Markdown of somebody: no HTML of theirs gets into the page, and nothing is loaded from elsewhere, so a picture is a
 * link to where it is, unless it is one of the text's own files. Loaded lazily.
 */
export default function SafeMarkdown({ children, own }: { readonly children: string; readonly own?: OwnFiles }) {
  const components = useMemo(() => componentsFor(own), [own]);
  return (
    <Typography className={classes.markdown}>
      <Markdown remarkPlugins={[remarkGfm]} rehypePlugins={[rehypeSanitize]} components={components}>
        {children}
      </Markdown>
    </Typography>
  );
}
