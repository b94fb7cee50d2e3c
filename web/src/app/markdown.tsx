import { Anchor, Typography } from '@mantine/core';
import Markdown from 'react-markdown';
import rehypeSanitize from 'rehype-sanitize';
import remarkGfm from 'remark-gfm';
import classes from './markdown.module.css';

/**
 * Markdown of somebody: no HTML of theirs gets into the page, and nothing is loaded from elsewhere, so a picture is a
 * link to where it is. Loaded lazily.
 */
export default function SafeMarkdown({ children }: { readonly children: string }) {
  return (
    <Typography className={classes.markdown}>
      <Markdown
        remarkPlugins={[remarkGfm]}
        rehypePlugins={[rehypeSanitize]}
        components={{
          a: ({ href, children: shown }) => (
            <Anchor href={href} target="_blank" rel="noopener noreferrer nofollow">
              {shown}
            </Anchor>
          ),
          img: ({ src, alt }) =>
            typeof src === 'string' && src !== '' ? (
              <Anchor href={src} target="_blank" rel="noopener noreferrer nofollow">
                {alt || src}
              </Anchor>
            ) : (
              <span>{alt}</span>
            ),
          // Its heading is the page's.
          h1: ({ children: shown }) => <h3>{shown}</h3>,
          h2: ({ children: shown }) => <h4>{shown}</h4>,
          h3: ({ children: shown }) => <h5>{shown}</h5>,
          h4: ({ children: shown }) => <h6>{shown}</h6>,
        }}
      >
        {children}
      </Markdown>
    </Typography>
  );
}
