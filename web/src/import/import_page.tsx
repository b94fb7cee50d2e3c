import { Stack, Stepper } from '@mantine/core';
import { useState } from 'react';
import { PageHead } from '../app/page_head.tsx';
import { Problem } from '../app/states.tsx';
import { CheckStep } from './check_step.tsx';
import { ColumnsStep } from './columns_step.tsx';
import { DoneStep } from './done_step.tsx';
import { guessed, type Mapping } from './fields.ts';
import { FileStep } from './file_step.tsx';
import type { Outcome } from './queries.ts';
import { readHead, type TableHead } from './table_head.ts';
import { text } from './text.ts';

/** From a file to projects: its columns, what is wrong with which row, and the import. */
export function ImportPage() {
  const [step, setStep] = useState(0);
  const [file, setFile] = useState<File>();
  const [head, setHead] = useState<TableHead>();
  const [mapping, setMapping] = useState<Mapping>();
  const [outcome, setOutcome] = useState<Outcome>();
  const [error, setError] = useState<Error>();
  const take = async (given: File) => {
    try {
      const read = await readHead(given);
      setError(undefined);
      setFile(given);
      setHead(read);
      setMapping(guessed(read.columns));
      setStep(1);
    } catch (fault) {
      setError(fault as Error);
    }
  };
  return (
    <Stack>
      <PageHead title={text.title} />
      <Stepper active={step} size="sm" allowNextStepsSelect={false}>
        {Object.values(text.steps).map((label) => (
          <Stepper.Step key={label} label={label} />
        ))}
      </Stepper>
      {error && <Problem error={error} isOfSending />}
      {step === 0 && <FileStep onFile={(given) => void take(given)} />}
      {step === 1 && head && mapping && (
        <ColumnsStep
          head={head}
          mapping={mapping}
          onChange={setMapping}
          onBack={() => setStep(0)}
          onDone={() => setStep(2)}
        />
      )}
      {step === 2 && file && head && mapping && (
        <CheckStep
          file={file}
          mapping={mapping}
          delimiter={head.delimiter}
          onBack={() => setStep(1)}
          onDone={(answer) => {
            setOutcome(answer);
            setStep(4);
          }}
        />
      )}
      {step === 4 && file && head && outcome && <DoneStep outcome={outcome} file={file} delimiter={head.delimiter} />}
    </Stack>
  );
}
