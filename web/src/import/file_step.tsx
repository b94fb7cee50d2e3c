import { Stack, Text } from '@mantine/core';
import { DropZone } from '../app/drop_zone.tsx';
import { text } from './text.ts';

export const FileStep = ({ onFile }: { readonly onFile: (file: File) => void }) => (
  <Stack>
    <Text>{text.fileLead}</Text>
    <DropZone says={text.drop} choose={text.choose} accept=".csv,.tsv,.txt,text/csv" onFile={onFile} />
  </Stack>
);
