/** What a column shows of a run: one of its attributes, or a metric, param or tag by its key. */
export type ColumnKind = 'attribute' | 'last' | 'min' | 'max' | 'param' | 'tag';

export interface ColumnId {
  readonly kind: ColumnKind;
  /** Of an attribute, its name. */
  readonly key: string;
}

/** A column as the address has it. */
export interface ShownColumn extends ColumnId {
  /** Its text, by which it is told from others: `start`, `m.loss`, `max.acc`, `p.lr`, `t.team`. */
  readonly id: string;
  readonly isPinned: boolean;
  /** In pixels. */
  readonly width: number;
}

export const attributes = ['name', 'status', 'start', 'duration', 'user', 'source', 'id'] as const;
export type Attribute = (typeof attributes)[number];

const prefixes: Readonly<Record<Exclude<ColumnKind, 'attribute'>, string>> = {
  last: 'm.',
  min: 'min.',
  max: 'max.',
  param: 'p.',
  tag: 't.',
};

export const idOf = ({ kind, key }: ColumnId): string => (kind === 'attribute' ? key : prefixes[kind] + key);

/** Undefined for text that names no column. */
export function columnOf(id: string): ColumnId | undefined {
  for (const [kind, prefix] of Object.entries(prefixes)) {
    if (id.startsWith(prefix) && id.length > prefix.length) {
      return { kind: kind as ColumnKind, key: id.slice(prefix.length) };
    }
  }
  return attributes.includes(id as Attribute) ? { kind: 'attribute', key: id } : undefined;
}

export const isMetric = ({ kind }: ColumnId): boolean => kind === 'last' || kind === 'min' || kind === 'max';

/** Whether its cells can be edited in place. */
export const isEditable = ({ kind, key }: ColumnId): boolean =>
  (kind === 'attribute' && key === 'name') || (kind === 'tag' && key !== 'mlflow.runName');

const widths: Readonly<Record<string, number>> = { name: 220, status: 116, start: 132, duration: 112, id: 290 };
const otherWidth = 128;
export const widthLimits = { min: 60, max: 900 } as const;
const usualWidth = (id: string): number => widths[id] ?? otherWidth;

/** A column that is put in. */
export const freshColumn = (column: ColumnId, isPinned = false): ShownColumn => {
  const id = idOf(column);
  return { ...column, id, isPinned, width: usualWidth(id) };
};

/** The column that another kind of the same metric would be, where it stands. */
export const asKind = (column: ShownColumn, kind: ColumnKind): ShownColumn => ({
  ...column,
  kind,
  id: idOf({ kind, key: column.key }),
});

// In the address: ids with ~ between them, a * before those that are pinned, !W behind those of another width.
const escaped = (id: string): string =>
  id.replace(/[%~!*]/g, (char) => `%${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
const unescaped = (text: string): string =>
  text.replace(/%([0-9a-f]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));

export const textOfColumns = (columns: readonly ShownColumn[]): string =>
  columns
    .map(({ id, isPinned, width }) => {
      const size = width === usualWidth(id) ? '' : `!${Math.round(width)}`;
      return (isPinned ? '*' : '') + escaped(id) + size;
    })
    .join('~');

/** Pinned columns first, each once; what names no column is left out. */
export function columnsOf(text: string): ShownColumn[] {
  const found = new Map<string, ShownColumn>();
  for (const part of text.split('~')) {
    const [, pin, name = '', size] = /^(\*?)([^!]*)(?:!(\d{1,4}))?$/.exec(part) ?? [];
    const id = unescaped(name);
    const column = columnOf(id);
    if (!column || found.has(id)) continue;
    const width = Math.min(
      Math.max(size === undefined ? usualWidth(id) : Number(size), widthLimits.min),
      widthLimits.max,
    );
    found.set(id, { ...column, id, isPinned: pin === '*', width });
  }
  return pinnedFirst([...found.values()]);
}

export const pinnedFirst = (columns: readonly ShownColumn[]): ShownColumn[] => [
  ...columns.filter(({ isPinned }) => isPinned),
  ...columns.filter(({ isPinned }) => !isPinned),
];

/** Groups that are open, by their values from the outermost; null stands for a run without one. */
export type GroupPath = readonly (string | null)[];

const pathText = (path: GroupPath): string => path.map((value) => (value === null ? '*' : escaped(value))).join('!');
export const textOfPaths = (paths: readonly GroupPath[]): string => paths.map(pathText).join('~');
export const pathsOf = (text: string): GroupPath[] =>
  text === ''
    ? []
    : text.split('~').map((path) => path.split('!').map((part) => (part === '*' ? null : unescaped(part))));
export const samePath = (a: GroupPath, b: GroupPath): boolean => pathText(a) === pathText(b);
