import { testContract } from './contract_attack.ts';

testContract({ phases: 'examples,coverage,fuzzing', examples: 30 });
