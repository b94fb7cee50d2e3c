import { testContract } from './contract_attack.ts';

// All that Schemathesis can think of takes five minutes: schemathesis.slow.test.ts sends it.
testContract({ phases: 'examples,fuzzing', examples: 4 });
