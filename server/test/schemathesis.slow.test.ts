import { testContract } from './contract_attack.ts';

testContract({
  phases: 'examples,coverage,fuzzing',
  examples: 30,
  least: { tenant: 2_000, operators: 600 },
  timeout: 60 * 60_000,
});
