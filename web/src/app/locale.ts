/** The language of the interface's texts, which figures and times in them follow too, whatever the browser's is. */
export const locale = 'en';
