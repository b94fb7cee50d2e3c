import { Stack } from '@mantine/core';
import { Loading, Problem } from '../app/states.tsx';
import type { ViewProps } from './file_content.tsx';
import classes from './files.module.css';
import { kindOf, mediaTypeOf } from './kinds.ts';
import { ModeSwitch } from './mode_switch.tsx';
import { useContent } from './queries.ts';
import { useFileSearch } from './search.ts';
import { nameOf } from './source.ts';
import { text } from './text.ts';
import { useObjectUrl } from './use_object_url.ts';

/** A picture that fits the page, or at its own size, where it can be scrolled. */
function Picture({ url, name }: { readonly url: string; readonly name: string }) {
  const isFull = useFileSearch()[0].mode === 'full';
  return (
    <Stack gap="xs">
      <ModeSwitch other="full" />
      <section className={isFull ? classes.scrolled : undefined} aria-label={name} tabIndex={isFull ? 0 : undefined}>
        <img className={isFull ? undefined : classes.picture} src={url} alt={text.image(name)} />
      </section>
    </Stack>
  );
}

/** A picture, a sound or a film. */
export function MediaView({ source, path }: ViewProps) {
  const name = nameOf(path);
  const kind = kindOf(name) as 'image' | 'audio' | 'video';
  const { data, error, refetch } = useContent(source, path);
  const url = useObjectUrl(data, mediaTypeOf(name, kind));
  if (error) return <Problem error={error} onRetry={() => void refetch()} />;
  if (url === undefined) return <Loading />;
  if (kind === 'image') return <Picture url={url} name={name} />;
  if (kind === 'audio') {
    // biome-ignore lint/a11y/useMediaCaption: what somebody logged has none
    return <audio controls src={url} aria-label={name} />;
  }
  // biome-ignore lint/a11y/useMediaCaption: what somebody logged has none
  return <video className={classes.picture} controls src={url} aria-label={name} />;
}
