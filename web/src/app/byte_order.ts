/** The order of the server's lists, for names that stand beside them. */
export const byteOrder = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
