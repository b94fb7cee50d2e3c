import { Alert, Button, Group, Progress, Stack, Text } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { Loading, Problem } from '../app/states.tsx';
import { FaultTable, type FileRead } from './fault_table.tsx';
import type { Mapping } from './fields.ts';
import { type Outcome, useImport } from './queries.ts';
import { text } from './text.ts';

interface CheckStepProps {
  readonly file: File;
  readonly mapping: Mapping;
  readonly delimiter: string;
  readonly onBack: () => void;
  readonly onDone: (outcome: Outcome) => void;
}

/** What the server says of every row, and the import of those that are good. */
export function CheckStep({ file, mapping, delimiter, onBack, onDone }: CheckStepProps) {
  const [share, setShare] = useState(0);
  const check = useImport({ dry_run: 'true' });
  const { good_rows: good = 0, bad_rows: bad = 0 } = check.data ?? {};
  // Only who saw that rows are bad goes on without them.
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
      {error && <Problem error={error} isOfSending />}
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

function Checked({
  outcome: { good_rows: good, bad_rows: bad, faults },
  ...of
}: { readonly outcome: Outcome } & FileRead) {
  return (
    <Stack>
      <Alert color={bad === 0 ? 'green' : 'red'} variant="light">
        {text.good(good)} {bad > 0 && text.bad(bad)}
      </Alert>
      <FaultTable faults={faults} {...of} />
    </Stack>
  );
}
