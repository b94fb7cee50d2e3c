// node scripts/licences.ts [package-lock.json]: whether each package has a licence that Apache-2.0 can be given with.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { licenceFaults } from './dependencies/licences.ts';

const file = process.argv[2] ?? path.join(import.meta.dirname, '..', 'package-lock.json');
const { packages, faults } = licenceFaults(JSON.parse(readFileSync(file, 'utf8')));
for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exitCode = 1;
else console.log(`The licences of ${packages} packages are known to be good.`);
