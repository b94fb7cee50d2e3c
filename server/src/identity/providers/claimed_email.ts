import { Compile } from 'typebox/compile';
import { email } from '../schemas.ts';

const address = Compile(email);

/** An address that a provider says is verified; undefined where it does not say so, or where it is no address to us. */
export const verifiedAddress = (claimed: unknown, isVerified: boolean): string | undefined =>
  isVerified && typeof claimed === 'string' && address.Check(claimed) ? claimed : undefined;

/** The domain of an address, in lower case. */
export const domainOf = (claimed: string): string => claimed.slice(claimed.lastIndexOf('@') + 1).toLowerCase();
