import { Text } from '@mantine/core';
import classes from './files.module.css';
import { kindOf, mediaTypeOf } from './kinds.ts';
import { useContent } from './queries.ts';
import { type FileSource, nameOf } from './source.ts';
import { useObjectUrl } from './use_object_url.ts';

interface FilePictureProps {
  readonly source: FileSource;
  readonly path: string;
  readonly alt: string;
}

/** A picture among the files, within a text; what is none, or cannot be had, is the words for it. */
export function FilePicture({ source, path, alt }: FilePictureProps) {
  const name = nameOf(path);
  const isPicture = kindOf(name) === 'image';
  const { data } = useContent(source, path, { enabled: isPicture });
  const url = useObjectUrl(data, isPicture ? mediaTypeOf(name, 'image') : undefined);
  if (url === undefined) return <Text span>{alt || name}</Text>;
  return <img className={classes.picture} src={url} alt={alt} />;
}
