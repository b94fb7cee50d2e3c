import type { TLocalizedValidationError } from 'typebox/error';
import { invalid, type MaestroError } from './errors.ts';

/** The most values that a message lists. */
const listedMax = 64;

/** What a text of a shape is called: people read it, and a pattern tells them nothing. */
const shapes: Readonly<Record<string, string>> = {
  email: 'is no e-mail address',
  date: 'expected a day, such as 2026-11-26',
  'date-time': 'expected a time in ISO 8601, such as 2026-11-26T09:30:00Z',
  '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$': 'is no id: expected a UUID in lower case',
  '^[0-9a-f]{32}$': 'is no id: expected 32 hex digits',
  '^m-[0-9a-f]{32}$': 'is no id: expected m- and 32 hex digits',
  '^[a-z0-9]([a-z0-9-]*[a-z0-9])?$': 'expected lower-case letters, digits and inner hyphens',
};

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
    case 'format':
      return shapes[fault.params.format] ?? fault.message;
    case 'pattern':
      return shapes[String(fault.params.pattern)] ?? fault.message;
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
