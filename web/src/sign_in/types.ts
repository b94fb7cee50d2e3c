import type { paths } from '@maestro/sdk/contract';

/** What is asked of somebody whose password or provider was right, and who has second factors. */
export type SecondFactor =
  paths['/auth/providers/second-factor']['post']['responses'][200]['content']['application/json']['second_factor'];

type Answer = paths['/auth/second-factor']['post']['requestBody']['content']['application/json'];

/** The answer to it. */
export type FactorAnswer = Omit<Answer, 'cookie'>;
export type Method = Answer['method'];
export type Credential = NonNullable<Answer['credential']>;
