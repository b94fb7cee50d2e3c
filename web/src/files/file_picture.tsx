import { useIntersection } from '@mantine/hooks';
import { FileLink } from './file_link.tsx';
import classes from './files.module.css';
import { kindOf, mediaTypeOf } from './kinds.ts';
import { useContent, useEntry } from './queries.ts';
import { type FileSource, nameOf } from './source.ts';
import { useObjectUrl } from './use_object_url.ts';

/** Bytes of a picture that comes by itself. */
const most = 10_000_000;

/** A picture of the same files within a text, which comes once it is near sight; a link to it where it is none, or too large. */
export function FilePicture(props: { readonly source: FileSource; readonly path: string; readonly alt: string }) {
  const { source, path, alt } = props;
  const { ref, entry: sight } = useIntersection<HTMLSpanElement>({ rootMargin: '300px' });
  const isPicture = kindOf(nameOf(path)) === 'image';
  const isNear = sight?.isIntersecting ?? false;
  const { data: entry, isFetched } = useEntry(source, path, isPicture && isNear);
  const isShown = entry !== undefined && entry !== null && entry.file_size <= most;
  const { data, isError } = useContent(source, path, { enabled: isShown && isNear });
  const url = useObjectUrl(data, mediaTypeOf(nameOf(path), 'image'));
  if (!isPicture || isError || (isFetched && !isShown)) return <FileLink path={path}>{alt || path}</FileLink>;
  return (
    <span ref={ref} className={url === undefined ? classes.pictureToCome : undefined}>
      {url !== undefined && <img className={classes.picture} src={url} alt={alt} />}
    </span>
  );
}
