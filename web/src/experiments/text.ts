/** What the list of experiments says. */
export const text = {
  title: 'Experiments',
  search: 'Search by name',
  name: 'Name',
  updated: 'Last changed',
  none: 'No experiment has this name.',
  more: 'Show more',
};
