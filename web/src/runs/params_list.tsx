import { Text } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useMemo } from 'react';
import { byteOrder } from '../app/byte_order.ts';
import { CopyIcon } from '../app/copy_icon.tsx';
import { LongName } from '../app/long_name.tsx';
import { rowHeightFor } from '../app/name_lines.ts';
import { foundIn } from '../app/search_in.ts';
import { Section } from '../app/section.tsx';
import { cellPadding, VirtualTable } from '../app/virtual_table.tsx';
import type { Run } from './queries.ts';
import { text } from './text.ts';

/** The params of a run, any number of them. */
export function ParamsList({ run, search }: { readonly run: Pick<Run, 'params'>; readonly search: string }) {
  const { ref, width } = useElementSize();
  const keys = useMemo(() => Object.keys(run.params).sort(byteOrder), [run.params]);
  const found = useMemo(() => foundIn(keys, search), [keys, search]);
  const first = Math.max(150, Math.round(width * 0.42));
  const columns = [
    { key: 'key', title: text.param, width: first },
    { key: 'value', title: text.value, width: Math.max(180, width - first - 2) },
  ];
  return (
    <Section title={text.params} count={keys.length}>
      <div ref={ref}>
        {found.length === 0 ? (
          <Text size="sm" c="dimmed">
            {keys.length === 0 ? text.noParams : text.noneFound}
          </Text>
        ) : (
          <VirtualTable
            label={text.params}
            columns={columns}
            rowCount={found.length}
            rowHeight={rowHeightFor(found, first - cellPadding, 32)}
            cell={(row, column) => {
              const key = found[row] ?? '';
              const value = run.params[key] ?? '';
              if (column === 0) return <LongName name={key} width={first - cellPadding} />;
              return (
                <>
                  <span title={value.slice(0, 2_000)}>{value.slice(0, 500)}</span>
                  {value.length > 40 && <CopyIcon value={value} what={key} />}
                </>
              );
            }}
          />
        )}
      </div>
    </Section>
  );
}
