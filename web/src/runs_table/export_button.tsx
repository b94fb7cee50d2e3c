import { Button, Group, Text, Tooltip } from '@mantine/core';
import { Download } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useApi } from '../api/hooks.ts';
import { tellDone, tellFailure } from '../app/changes.tsx';
import type { ColumnId } from './column_ids.ts';
import { exportMax, exportRuns } from './export_csv.ts';
import type { RunsMeant } from './run_rows.ts';
import { text } from './text.ts';

function save(file: Blob, name: string): void {
  const address = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The browser has it once the click is done.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** Saves all runs that match as CSV, and tells how far it is. */
export function ExportButton(props: {
  readonly meant: RunsMeant;
  readonly order: string;
  readonly columns: readonly ColumnId[];
  readonly total: number | undefined;
}) {
  const { meant, order, columns, total } = props;
  const api = useApi();
  const [done, setDone] = useState<number>();
  const stop = useRef<AbortController>(undefined);
  useEffect(() => () => stop.current?.abort(), []);
  const run = async () => {
    const controller = new AbortController();
    stop.current = controller;
    setDone(0);
    try {
      const { file, count } = await exportRuns(api, meant, order, columns, setDone, controller.signal);
      save(file, `runs-of-${meant.experimentId}.csv`);
      const isCut = total !== undefined && count >= exportMax && total > count;
      tellDone(isCut ? text.export.cut(count, total) : text.export.done(count));
    } catch (error) {
      if (!controller.signal.aborted) tellFailure(error as Error);
    } finally {
      setDone(undefined);
    }
  };
  if (done !== undefined) {
    return (
      <Group gap={6} role="status">
        <Text size="sm" className="figures">
          {text.export.going(done, total)}
        </Text>
        <Button variant="default" onClick={() => stop.current?.abort()}>
          {text.export.stop}
        </Button>
      </Group>
    );
  }
  return (
    <Tooltip label={text.export.bound(exportMax)}>
      <Button
        variant="default"
        leftSection={<Download size={15} aria-hidden />}
        onClick={() => void run()}
        aria-label={text.export.button}
      >
        {text.export.title}
      </Button>
    </Tooltip>
  );
}
