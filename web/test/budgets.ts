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

const rounds = 5;

/** What a budget allows on a machine that takes so many times as long as the one that budgets of time are meant for. */
export const allowed = (name: BudgetName, slowness: number): number =>
  budgets[name].unit === 'ms' ? budgets[name].most * slowness : budgets[name].most;

/**
 * The least figure of as many rounds as it takes to come to `most`, of five at most: what else a machine does only ever
 * adds to a time, or keeps a round from its end. Throws what kept all of them from it.
 */
export async function leastOf(most: number, measure: () => Promise<number>): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  let fault: unknown;
  for (let round = 0; round < rounds && !(least <= most); round += 1) {
    try {
      least = Math.min(least, await measure());
    } catch (error) {
      fault = error;
    }
  }
  if (least === Number.POSITIVE_INFINITY) throw fault;
  return least;
}

export const written = (name: BudgetName, figure: number): string =>
  `${figure < 10 ? figure.toFixed(1) : figure.toFixed(0)} ${budgets[name].unit}`;
