/** How a value that nobody knows is commonly written. */
const words = new Set(['', 'na', 'n/a', 'nan', 'null', 'none', '?', '-']);

/** Whether a number or a day is not known. Categories and texts are taken as they are unless they are empty. */
export const isMissing = (text: string): boolean => words.has(text.trim().toLowerCase());
