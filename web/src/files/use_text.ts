import { useInfiniteQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useApi, useTenant } from '../api/hooks.ts';
import { filesKey } from './queries.ts';
import { type FileSource, readFile } from './source.ts';
import { TextLines } from './text_lines.ts';

/** Bytes of a file that are asked for at once, and that are kept at most: the rest is for the download. */
const pieceBytes = 512 * 1024;
export const textBytesMax = 32 * 1024 * 1024;

/** The lines of a text file from its start, piece by piece as they are wanted. */
export function useText(source: FileSource, path: string, size: number) {
  const api = useApi();
  const query = useInfiniteQuery({
    queryKey: [...filesKey(useTenant(), source), 'text', path, size],
    queryFn: async ({ pageParam: from, signal }) => {
      if (size === 0) return new ArrayBuffer(0);
      const to = Math.min(from + pieceBytes, size) - 1;
      return (await readFile(api, source, path, signal, { from, to })).arrayBuffer();
    },
    initialPageParam: 0,
    getNextPageParam: (_last, pages) => {
      const read = pages.reduce((sum, { byteLength }) => sum + byteLength, 0);
      return read < Math.min(size, textBytesMax) ? read : undefined;
    },
    gcTime: 30_000,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const pages = query.data?.pages;
  const { lines, read } = useMemo(() => {
    const text = new TextLines();
    let bytes = 0;
    for (const page of pages ?? []) {
      bytes += page.byteLength;
      text.add(page, bytes >= size);
    }
    return { lines: text.lines, read: bytes };
  }, [pages, size]);
  return { ...query, lines, read };
}
