import { useRef, useState } from 'react';
import { useTenant } from '../api/hooks.ts';
import { askAnew } from '../api/query_client.ts';
import { upload } from '../api/upload.ts';
import { tellDone, tellFailure } from '../app/changes.tsx';
import { filesKey } from './queries.ts';
import type { FileSource } from './source.ts';
import { text } from './text.ts';

/** A file on its way. */
export interface Upload {
  readonly id: number;
  readonly name: string;
  /** From 0 to 1. */
  readonly part: number;
  readonly stop: () => void;
}

/** Uploads into a folder of a run, one after the other. */
export function useUploads(source: FileSource, folder: string) {
  const tenant = useTenant();
  const [uploads, setUploads] = useState<readonly Upload[]>([]);
  const queue = useRef<Promise<void>>(Promise.resolve());
  const nextId = useRef(0);

  function add(files: Iterable<File>): void {
    for (const file of files) {
      nextId.current += 1;
      const id = nextId.current;
      const controller = new AbortController();
      setUploads((all) => [...all, { id, name: file.name, part: 0, stop: () => controller.abort() }]);
      const path = folder === '' ? file.name : `${folder}/${file.name}`;
      const onProgress = (part: number) =>
        setUploads((all) => all.map((one) => (one.id === id ? { ...one, part } : one)));
      queue.current = queue.current.then(async () => {
        try {
          controller.signal.throwIfAborted();
          const to = `/runs/${source.id}/files/content?${new URLSearchParams({ path })}`;
          await upload({ tenant, path: to, file, signal: controller.signal, onProgress });
          tellDone(text.uploaded(file.name));
        } catch (error) {
          if (!controller.signal.aborted) tellFailure(error as Error);
        }
        setUploads((all) => all.filter((one) => one.id !== id));
        await askAnew(filesKey(tenant, source));
      });
    }
  }
  return { uploads, add };
}
