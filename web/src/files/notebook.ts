/** What of a notebook (nbformat 4) is shown. */
export interface Cell {
  readonly kind: 'markdown' | 'code' | 'raw';
  readonly source: string;
  readonly count: number | null;
  readonly outputs: readonly Output[];
}
export type Output =
  | { readonly kind: 'text'; readonly text: string; readonly isError: boolean }
  /** An address of type data:, of a kind of picture that holds no scripts. */
  | { readonly kind: 'image'; readonly url: string }
  | { readonly kind: 'html'; readonly html: string };

type Json = Record<string, unknown>;
const objectOf = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
/** Texts stand whole or line by line. */
const textOf = (value: unknown): string => (Array.isArray(value) ? value.map(String).join('') : String(value ?? ''));

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours of a terminal begin with one
const terminalCodes = /\u001b\[[0-9;?]*[A-Za-z]/g;

function outputOf(value: unknown): Output | undefined {
  const output = objectOf(value);
  if (output.output_type === 'stream') {
    return { kind: 'text', text: textOf(output.text).replace(terminalCodes, ''), isError: output.name === 'stderr' };
  }
  if (output.output_type === 'error') {
    const lines = listOf(output.traceback).map(String).join('\n').replace(terminalCodes, '');
    return { kind: 'text', text: lines || `${output.ename}: ${output.evalue}`, isError: true };
  }
  const data = objectOf(output.data);
  for (const type of ['image/png', 'image/jpeg', 'image/gif', 'image/webp']) {
    const bytes = textOf(data[type]).replace(/\s/g, '');
    if (bytes !== '' && /^[A-Za-z0-9+/]+=*$/.test(bytes)) return { kind: 'image', url: `data:${type};base64,${bytes}` };
  }
  const html = textOf(data['text/html'] ?? data['image/svg+xml']);
  if (html !== '') return { kind: 'html', html };
  const plain = textOf(data['text/plain'] ?? data['text/markdown']);
  return plain === '' ? undefined : { kind: 'text', text: plain.replace(terminalCodes, ''), isError: false };
}

/** The cells of a notebook; undefined where the JSON is none. */
export function cellsOf(notebook: unknown): Cell[] | undefined {
  const { cells } = objectOf(notebook);
  if (!Array.isArray(cells)) return undefined;
  return cells.map((each) => {
    const cell = objectOf(each);
    const kind = cell.cell_type === 'markdown' || cell.cell_type === 'code' ? cell.cell_type : 'raw';
    const outputs = kind === 'code' ? listOf(cell.outputs).map(outputOf) : [];
    return {
      kind,
      source: textOf(cell.source),
      count: typeof cell.execution_count === 'number' ? cell.execution_count : null,
      outputs: outputs.filter((output) => output !== undefined),
    };
  });
}
