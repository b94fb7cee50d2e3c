/** The budgets of the interface. */
export const budgets = {
  script: { what: 'first load, JavaScript', most: 270, unit: 'kB' },
  style: { what: 'first load, CSS', most: 30, unit: 'kB' },
  coldFirst: { what: 'largest paint, cold, first page', most: 1_500, unit: 'ms' },
  coldTable: { what: 'largest paint, cold, 100,000 runs', most: 1_500, unit: 'ms' },
  warmRoute: { what: 'warm route', most: 300, unit: 'ms' },
  frame: { what: 'work of a frame, scrolling 100,000 runs, P95', most: 33, unit: 'ms' },
  interaction: { what: 'interaction to next paint, P95', most: 100, unit: 'ms' },
  palette: { what: '⌘K', most: 50, unit: 'ms' },
  edit: { what: 'optimistic edit', most: 50, unit: 'ms' },
  lines: { what: '100 lines drawn', most: 200, unit: 'ms' },
  zoom: { what: 'zoom of 100 lines', most: 100, unit: 'ms' },
  heap: { what: 'heap', most: 250, unit: 'MB' },
} as const;

export type BudgetName = keyof typeof budgets;

export const budgetNames = Object.keys(budgets) as BudgetName[];

/** A way to measure each: a figure in the budget's unit. */
export type Figures = Readonly<Record<BudgetName, () => Promise<number>>>;

export const written = (name: BudgetName, figure: number): string =>
  `${figure < 10 ? figure.toFixed(1) : figure.toFixed(0)} ${budgets[name].unit}`;
