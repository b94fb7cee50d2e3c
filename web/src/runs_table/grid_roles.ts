import type { HTMLAttributes } from 'react';

type Attributes = HTMLAttributes<HTMLDivElement>;

// Roles of a grid whose lines and columns are placed one by one, of which only those that are seen are drawn: no <table>
// can do that. The grid itself has the focus and says which line is active, so lines and cells take none.
export const asGrid = (isTree: boolean, more: Attributes): Attributes => ({
  role: isTree ? 'treegrid' : 'grid',
  tabIndex: 0,
  ...more,
});
export const asRows: Attributes = { role: 'rowgroup' };
/** `line` counts from 0, without the head. */
export const asRow = (line: number, more?: Attributes): Attributes => ({
  role: 'row',
  'aria-rowindex': line + 2,
  ...more,
});
export const asCell: Attributes = { role: 'gridcell' };
export const asHead = (more?: Attributes): Attributes => ({ role: 'columnheader', ...more });
