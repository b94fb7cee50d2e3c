// node scripts/secret_scan.ts [directory]: looks for secrets in the working tree of a clone and in its history.
import path from 'node:path';
import process from 'node:process';
import { exceptions } from './secret_scan/exceptions.ts';
import { scanRepository } from './secret_scan/scan.ts';

const directory = path.resolve(process.argv[2] ?? path.join(import.meta.dirname, '..'));

const { findings, blobs, isShallow } = await scanRepository(directory);
// Once each, however many versions of a file hold it.
const secrets = [...new Map(findings.map((finding) => [finding.sha256, finding])).values()].filter(
  ({ sha256 }) => exceptions[sha256] === undefined,
);
for (const { path: file, line, what, commit, sha256 } of secrets) {
  const where = commit === undefined ? 'in the working tree' : `in the history, since ${commit}`;
  console.error(`${file}:${line} looks like a secret (${what}), ${where}. sha256 ${sha256}`);
}
if (isShallow) console.error('This clone is shallow: only the history that is here was looked at for secrets.');
if (secrets.length > 0) {
  console.error('Replace what is real wherever it holds: taking it out of the tree leaves it in the history.');
  process.exitCode = 1;
} else console.log(`No secret in ${blobs} versions of files.`);
