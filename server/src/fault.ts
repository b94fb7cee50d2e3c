import type { TLocalizedValidationError } from 'typebox/error';
import { invalid, type MaestroError } from './errors.ts';

/** The most values that a message lists. */
const listedMax = 64;

/** What was expected, where the validator's own words do not say it. */
function expectedBy(fault: TLocalizedValidationError): string {
  switch (fault.keyword) {
    case 'required':
      return 'is required';
    case 'boolean':
      return 'there is no such field';
    case 'const':
      return `expected ${JSON.stringify(fault.params.allowedValue)}`;
    case 'enum': {
      const { allowedValues } = fault.params;
      return allowedValues.length > listedMax ? fault.message : `expected one of ${allowedValues.join(', ')}`;
    }
    default:
      return fault.message;
  }
}

/** The refusal of an input by the first fault of it: names its field, and what was expected there. */
export function faultOf(fault: TLocalizedValidationError | undefined): MaestroError {
  if (!fault) return invalid('The input is not valid');
  // What is missing is named, not only where it is missing.
  const missing = fault.keyword === 'required' ? `/${fault.params.requiredProperties[0]}` : '';
  const field = `${fault.instancePath}${missing}`.slice(1).replaceAll('/', '.');
  const expected = expectedBy(fault);
  return field === '' ? invalid(`The input ${expected}`) : invalid(`${field}: ${expected}`, field);
}
