import { testContract } from './contract_attack.ts';

testContract({
  phases: 'examples,coverage,fuzzing',
  examples: 10,
  least: { tenant: 1_000, operators: 300 },
  timeout: 10 * 60_000,
});
