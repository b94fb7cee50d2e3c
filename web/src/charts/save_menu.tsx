import { ActionIcon, Menu, useComputedColorScheme } from '@mantine/core';
import { Download } from 'lucide-react';
import { useRef } from 'react';
import { saveBlob } from '../app/save.ts';
import { tokensAt } from './canvas_tokens.ts';
import { csvOfLines } from './chart_csv.ts';
import { type Drawing, svgOf } from './chart_svg.ts';
import { savePng } from './png.ts';
import { text } from './text.ts';

/** Saves a chart of lines: as a picture, a drawing or a table. */
export function SaveMenu(drawing: Drawing) {
  const scheme = useComputedColorScheme('light');
  const button = useRef<HTMLButtonElement>(null);
  const { title } = drawing;
  const svg = () => svgOf(drawing, scheme, tokensAt(button.current ?? document.body));
  const saveSvg = () => saveBlob(`${title}.svg`, new Blob([svg()], { type: 'image/svg+xml' }));
  const saveCsv = () =>
    saveBlob(`${title}.csv`, new Blob([csvOfLines(drawing.data, drawing.xLabel, drawing.only)], { type: 'text/csv' }));
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon ref={button} variant="subtle" aria-label={text.exports(title)} title={text.exports(title)}>
          <Download size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => savePng(title, svg())}>{text.png}</Menu.Item>
        <Menu.Item onClick={saveSvg}>{text.svg}</Menu.Item>
        <Menu.Item onClick={saveCsv}>{text.csv}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
