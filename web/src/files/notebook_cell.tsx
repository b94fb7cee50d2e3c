import { Stack, Text } from '@mantine/core';
import { ScrollBox } from '../app/scroll_box.tsx';
import { FileMarkdown } from './file_markdown.tsx';
import classes from './files.module.css';
import type { Cell, Output } from './notebook.ts';
import { SandboxFrame } from './sandbox_frame.tsx';
import type { FileSource } from './source.ts';
import { text } from './text.ts';

/** Characters of an output that are shown. */
const outputMax = 50_000;

const cut = (content: string): string =>
  content.length <= outputMax ? content : content.slice(0, outputMax) + text.cut(content.length - outputMax);

/** Text that scrolls in its own box. */
const Pre = ({ children, label, isError }: { children: string; label: string; isError?: boolean }) => (
  <ScrollBox label={label} className={classes.pre}>
    <Text component="pre" m={0} fz="inherit" ff="inherit" {...(isError ? { c: 'error' } : {})}>
      {cut(children)}
    </Text>
  </ScrollBox>
);

function CellOutput({ output, label }: { readonly output: Output; readonly label: string }) {
  switch (output.kind) {
    case 'image':
      return <img className={classes.picture} src={output.url} alt={label} />;
    case 'html':
      return <SandboxFrame html={output.html} label={label} runsScripts={false} isOutput />;
    default:
      return (
        <Pre label={label} isError={output.isError}>
          {output.text}
        </Pre>
      );
  }
}

/** A cell with what it gave. */
export function NotebookCell(props: {
  readonly cell: Cell;
  readonly place: number;
  readonly source: FileSource;
  readonly path: string;
}) {
  const { cell, place } = props;
  if (cell.kind === 'markdown') {
    return (
      <FileMarkdown source={props.source} path={props.path}>
        {cell.source}
      </FileMarkdown>
    );
  }
  return (
    <Stack gap={4}>
      {cell.kind === 'code' && (
        <Text size="xs" c="dimmed" ff="monospace">
          {text.cell(cell.count)}
        </Text>
      )}
      <Pre label={text.sourceOf(place)}>{cell.source}</Pre>
      {cell.outputs.map((output, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: outputs do not move
        <CellOutput key={at} output={output} label={text.outputOf(place, at + 1)} />
      ))}
    </Stack>
  );
}
