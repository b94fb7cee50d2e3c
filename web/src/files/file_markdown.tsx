import { useMemo } from 'react';
import Markdown, { type OwnFiles } from '../app/markdown.tsx';
import { beside } from './beside.ts';
import { FileLink } from './file_link.tsx';
import { FilePicture } from './file_picture.tsx';
import type { FileSource } from './source.ts';

/** The Markdown of a file, or of a part of it: what it names relative to itself is in the same files. */
export function FileMarkdown(props: { readonly source: FileSource; readonly path: string; readonly children: string }) {
  const { kind, id } = props.source;
  const { path } = props;
  const own = useMemo(
    (): OwnFiles => ({
      pathOf: (reference) => beside(path, reference),
      link: (to, shown) => <FileLink path={to}>{shown}</FileLink>,
      picture: (of, alt) => <FilePicture source={{ kind, id }} path={of} alt={alt} />,
    }),
    [kind, id, path],
  );
  return <Markdown own={own}>{props.children}</Markdown>;
}
