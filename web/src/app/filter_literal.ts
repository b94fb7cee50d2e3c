/** A literal of the filter language, in whichever quotes are not in it: it knows no escapes. */
export const literal = (value: string): string => (value.includes("'") ? `"${value}"` : `'${value}'`);

/** A pattern for ILIKE of what holds `part`; where that has both quotes, any character stands for the double ones. */
export const patternOf = (part: string): string =>
  literal(`%${part.includes("'") ? part.replaceAll('"', '_') : part}%`);
