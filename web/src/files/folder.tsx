import { useMemo } from 'react';
import { MoreButton } from '../app/more_button.tsx';
import { Loading, Problem } from '../app/states.tsx';
import classes from './files.module.css';
import { FolderEntry } from './folder_entry.tsx';
import { useFolder } from './queries.ts';
import type { FileSource } from './source.ts';
import { text } from './text.ts';

export interface FolderProps {
  readonly source: FileSource;
  /** '' is the root. */
  readonly path: string;
  /** The file that is shown. */
  readonly shown: string;
  readonly onOpen: (path: string) => void;
  /** Called with the folder that was opened last. */
  readonly onFolder: (path: string) => void;
}

/** What is in a folder, the folders first; asked for when it is opened, a page at a time. */
export function Folder(props: FolderProps) {
  const list = useFolder(props.source, props.path);
  const { data, error, refetch } = list;
  const entries = useMemo(
    () => (data?.pages.flatMap(({ files }) => files) ?? []).sort((a, b) => Number(b.is_dir) - Number(a.is_dir)),
    [data],
  );
  if (!data) return error ? <Problem error={error} onRetry={() => void refetch()} /> : <Loading />;
  return (
    <ul className={classes.tree} aria-label={props.path === '' ? text.files : undefined}>
      {entries.map((entry) => (
        <FolderEntry key={entry.path} entry={entry} {...props} />
      ))}
      {list.hasNextPage && (
        <li>
          <MoreButton list={list} size="compact-xs" />
        </li>
      )}
    </ul>
  );
}
