import * as z from 'zod/mini';

const text = z.optional(z.catch(z.string(), ''));

export const experimentTabs = ['runs', 'charts', 'details'] as const;
export type ExperimentTab = (typeof experimentTabs)[number];

export const statistics = ['mean', 'median', 'min', 'max'] as const;
export type Statistic = (typeof statistics)[number];

/** What the address of an experiment's page says of its runs. */
export const runsSearch = {
  tab: z.optional(z.catch(z.enum(experimentTabs), 'runs')),
  /** A filter in MLflow's language. */
  filter: text,
  /** A column's id, with a minus before it for the greatest first. */
  sort: text,
  /** Columns (see column_ids.ts). */
  cols: text,
  /** Ids of columns that runs are grouped by, with ~ between them. */
  group: text,
  /** Groups that are open (see column_ids.ts). */
  open: text,
  /** Which of a group's numbers stands in the cells of metrics. */
  stat: z.optional(z.catch(z.enum(statistics), 'mean')),
  /** Deleted runs in place of active ones. */
  deleted: z.optional(z.catch(z.boolean(), false)),
};
