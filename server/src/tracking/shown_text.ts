/** Characters of a text that a page shows. */
const shownMax = 200;

/**
 * SQL for a text as a page shows it; what is cut off leaves a hash of the whole, so that what is alike looks alike and no
 * more.
 */
export const shownText = (text: string): string => `CASE WHEN length(${text}) <= ${shownMax} THEN ${text}
    ELSE left(${text}, ${shownMax}) || '… #' || left(encode(sha256(convert_to(${text}, 'UTF8')), 'hex'), 16) END`;
