/** What saved views say. */
export const text = {
  button: 'Views',
  none: 'Nothing is saved yet.',
  own: 'Yours',
  shared: 'Shared',
  save: 'Save this view …',
  update: (name: string) => `Save as “${name}” again`,
  title: 'Save this view',
  name: 'Name',
  share: 'Share with everybody in the tenant',
  shareLead: 'They find it in this menu, and its link works for them.',
  submit: 'Save',
  saved: (name: string) => `“${name}” is saved`,
  copy: (name: string) => `Copy the link to ${name}`,
  copied: 'The link is copied',
  remove: (name: string) => `Delete the view ${name}`,
  removed: (name: string) => `“${name}” is deleted`,
};
