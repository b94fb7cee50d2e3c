import { useMemo } from 'react';
import { VirtualTable } from '../app/virtual_table.tsx';

/** Characters of a value that are shown; all of the first ones stand in its title. */
const cellMax = 200;

/** Wide enough for the first values of each column. */
function widthsOf(head: readonly string[], rows: readonly (readonly string[])[]): number[] {
  return head.map((name, column) => {
    const longest = rows.slice(0, 50).reduce((max, row) => Math.max(max, row[column]?.length ?? 0), name.length);
    return Math.min(360, Math.max(72, longest * 8 + 20));
  });
}

/** A table of texts, of any size; its first column numbers the rows. */
export function DataGrid(props: {
  readonly label: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}) {
  const { head, rows, label } = props;
  const columns = useMemo(() => {
    const widths = widthsOf(head, rows);
    const number = { key: '#', title: '#', width: Math.max(48, String(rows.length).length * 9 + 20) };
    return [
      number,
      ...head.map((name, at) => ({
        key: String(at),
        title: <span title={name}>{name.slice(0, cellMax)}</span>,
        width: widths[at] ?? 120,
      })),
    ];
  }, [head, rows]);
  return (
    <VirtualTable
      label={label}
      columns={columns}
      rowCount={rows.length}
      cell={(row, column) => {
        if (column === 0) return String(row + 1);
        const value = rows[row]?.[column - 1] ?? '';
        return <span title={value.length > 30 ? value.slice(0, 2_000) : undefined}>{value.slice(0, cellMax)}</span>;
      }}
    />
  );
}
