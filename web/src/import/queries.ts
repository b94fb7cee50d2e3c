import { useMutation, useQuery } from '@tanstack/react-query';
import type { AnswerOf } from '../api/contract_types.ts';
import { useTenant } from '../api/hooks.ts';
import { askAnew } from '../api/query_client.ts';
import { upload } from '../api/upload.ts';
import { type ImportHow, type Mapping, queryOf } from './fields.ts';
import { readRows } from './table_head.ts';

export type Outcome = AnswerOf<'/projects/import', 'post'>;

export interface Sending {
  readonly file: File;
  readonly mapping: Mapping;
  readonly delimiter: string;
  readonly onProgress: (share: number) => void;
}

/** What stands in the file on some of its lines, by line. */
export function useRows(file: File, delimiter: string, lines: readonly number[]) {
  return useQuery({
    queryKey: ['file-rows', file.name, file.size, file.lastModified, delimiter, lines],
    queryFn: () => readRows(file, delimiter, new Set(lines)),
    enabled: lines.length > 0,
    gcTime: 0,
    retry: false,
  });
}

/** Checks a history without storing anything, or imports it. */
export function useImport(how: ImportHow) {
  const tenant = useTenant();
  return useMutation({
    mutationFn: ({ file, mapping, delimiter, onProgress }: Sending) => {
      const path = `/projects/import?${queryOf(mapping, delimiter, how)}`;
      return upload<Outcome>({ tenant, path, file, onProgress, method: 'POST' });
    },
    onSuccess: () => (how.dry_run ? undefined : askAnew(['t', tenant])),
  });
}
