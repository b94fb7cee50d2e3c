import { testContract } from './contract_attack.ts';

// All that Schemathesis can think of takes five minutes: schemathesis.slow.test.ts sends it.
testContract({
  phases: 'examples,fuzzing',
  examples: 4,
  least: { tenant: 500, operators: 100 },
  timeout: 5 * 60_000,
});
