import { text } from '../identity/schemas.ts';

/** Where users are, unless a caller says otherwise. */
export const usualEnvironment = 'production';

export const environment = text(1, 200, { description: `Where users are: \`${usualEnvironment}\` by default.` });
