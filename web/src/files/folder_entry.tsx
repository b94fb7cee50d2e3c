import { Text, UnstyledButton } from '@mantine/core';
import { ChevronDown, ChevronRight, File, Folder as FolderIcon } from 'lucide-react';
import { useState } from 'react';
import classes from './files.module.css';
import { Folder, type FolderProps } from './folder.tsx';
import { type FileEntry, nameOf } from './source.ts';
import { text } from './text.ts';

/** A file, or a folder that opens in place. */
export function FolderEntry({ entry, ...props }: FolderProps & { readonly entry: FileEntry }) {
  const { path, is_dir: isFolder, file_size: size } = entry;
  const [isOpen, setOpen] = useState(props.shown.startsWith(`${path}/`));
  const name = nameOf(path);
  if (!isFolder) {
    return (
      <li>
        <UnstyledButton
          className={classes.entry}
          aria-current={props.shown === path || undefined}
          onClick={() => props.onOpen(path)}
        >
          <File size={15} aria-hidden />
          <span className={classes.name}>{name}</span>
          <Text component="span" size="xs" c="dimmed" className="figures">
            {text.size(size)}
          </Text>
        </UnstyledButton>
      </li>
    );
  }
  const Chevron = isOpen ? ChevronDown : ChevronRight;
  return (
    <li>
      <UnstyledButton
        className={classes.entry}
        aria-expanded={isOpen}
        onClick={() => {
          props.onFolder(path);
          setOpen(!isOpen);
        }}
      >
        <Chevron size={15} aria-hidden />
        <FolderIcon size={15} aria-hidden />
        <span className={classes.name}>{name}</span>
      </UnstyledButton>
      {isOpen && <Folder {...props} path={path} />}
    </li>
  );
}
