import { Alert, Button, Group, Progress, Stack, Table, Text } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { count } from '../app/formats.ts';
import { Loading, Problem } from '../app/states.tsx';
import { WideTable } from '../app/wide_table.tsx';
import type { Mapping } from './fields.ts';
import { type Outcome, useImport, useRows } from './queries.ts';
import { text } from './text.ts';

interface CheckStepProps {
  readonly file: File;
  readonly mapping: Mapping;
  readonly delimiter: string;
  readonly onBack: () => void;
  readonly onDone: (outcome: Outcome) => void;
}

const faultsShown = 200;

/** What the server says of every row, and the import of those that are good. */
export function CheckStep({ file, mapping, delimiter, onBack, onDone }: CheckStepProps) {
  const [share, setShare] = useState(0);
  const check = useImport({ dry_run: 'true' });
  const { good_rows: good = 0, bad_rows: bad = 0 } = check.data ?? {};
  // Only who saw which rows are bad goes on without them.
  const load = useImport(bad > 0 ? { skip_bad_rows: 'true' } : {});
  const sending = { file, mapping, delimiter, onProgress: setShare };
  // Strict mode mounts twice; a file is checked once.
  const isAsked = useRef(false);
  useEffect(() => {
    if (isAsked.current) return;
    isAsked.current = true;
    check.mutate(sending);
  });
  const send = () => {
    setShare(0);
    load.mutate(sending, { onSuccess: onDone });
  };
  const outcome = check.data;
  const error = check.error ?? load.error;
  return (
    <Stack>
      {error && <Problem error={error} />}
      {check.isPending && <Loading />}
      {outcome && <Checked outcome={outcome} file={file} delimiter={delimiter} />}
      {(check.isPending || load.isPending) && (
        <Stack gap={4}>
          <Progress value={share * 100} animated aria-label={text.sending(share)} />
          <Text size="sm" aria-live="polite">
            {share < 1 ? text.sending(share) : load.isPending ? text.working : text.checking}
          </Text>
        </Stack>
      )}
      <Group justify="space-between">
        <Button variant="default" onClick={onBack} disabled={load.isPending}>
          {text.back}
        </Button>
        {good > 0 && (
          <Button loading={load.isPending} onClick={send}>
            {bad > 0 ? text.importGood(good, bad) : text.importNow(good)}
          </Button>
        )}
      </Group>
    </Stack>
  );
}

interface CheckedProps extends Pick<CheckStepProps, 'file' | 'delimiter'> {
  readonly outcome: Outcome;
}

function Checked({ outcome: { good_rows: good, bad_rows: bad, faults }, file, delimiter }: CheckedProps) {
  const shown = faults.slice(0, faultsShown);
  const rows = useRows(file, delimiter, [...new Set(shown.map(({ line }) => line))]);
  return (
    <Stack>
      <Alert color={bad === 0 ? 'green' : 'red'} variant="light">
        {text.good(good)} {bad > 0 && text.bad(bad)}
      </Alert>
      {faults.length > 0 && (
        <>
          {faults.length > faultsShown && <Text size="sm">{text.shownFaults(faultsShown)}</Text>}
          <WideTable label={text.reason} minWidth={640}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{text.line}</Table.Th>
                <Table.Th>{text.reason}</Table.Th>
                <Table.Th>{text.row}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {shown.map(({ line, reason }) => (
                <Table.Tr key={`${line}:${reason}`}>
                  <Table.Td className="figures">{count(line)}</Table.Td>
                  <Table.Td>{reason}</Table.Td>
                  <Table.Td c="dimmed" style={{ overflowWrap: 'anywhere' }}>
                    <Text size="sm" lineClamp={3}>
                      {rows.data?.get(line)?.join(`${delimiter} `)}
                    </Text>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </WideTable>
        </>
      )}
    </Stack>
  );
}
