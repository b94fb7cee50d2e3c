import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { lintSource } from '@secretlint/core';
import { rules as recommended } from '@secretlint/secretlint-rule-preset-recommend';

/** Something that looks like a secret. */
export interface Finding {
  /** For people: what kind it seems to be. */
  readonly what: string;
  /** From 1. */
  readonly line: number;
  /** Of its text, which is never shown: what an exception names it by. */
  readonly sha256: string;
}

/** Ours, which no preset knows. */
const own: readonly {
  readonly what: string;
  readonly pattern: RegExp;
  readonly isSecret?: (text: string) => boolean;
}[] = [
  { what: 'an API key of Maestro', pattern: /\bmst_[0-9A-Za-z]{40,}/g, isSecret: isRandomText },
  { what: 'an operator key of Maestro', pattern: /\bmop_[0-9A-Za-z_-]{32,}/g, isSecret: isRandomText },
  { what: 'a signed token', pattern: /\beyJ[0-9A-Za-z_-]{10,}\.eyJ[0-9A-Za-z_-]{10,}\.[0-9A-Za-z_-]{20,}/g },
  { what: 'a key of 32 bytes', pattern: /(?<![0-9A-Za-z+/=-])[0-9A-Za-z+/]{43}=(?!=)/g, isSecret: isRandomText },
];

/** Comments that switch rules off are no exceptions here: those are in one list, with their reasons. */
const rules = recommended.filter(({ meta }) => !meta.id.endsWith('filter-comments'));

/** Another one where what is found may be another: what was found clean by other rules is looked at again. */
export const rulesVersion = createHash('sha256')
  .update(readFileSync(import.meta.filename))
  .update(readFileSync(findPackageJSON('@secretlint/secretlint-rule-preset-recommend', import.meta.url) as string))
  .digest('hex');

/** What looks like a secret in a text. */
export async function findSecrets(content: string): Promise<Finding[]> {
  const lint = await lintSource({
    source: { content, filePath: 'text', contentType: 'text' },
    options: {
      noPhysicFilePath: true,
      config: { rules: rules.map((rule) => ({ id: rule.meta.id, rule })) },
    },
  });
  const known = lint.messages.map(({ ruleId, range: [start, end] }) => ({
    what: ruleId.replace('@secretlint/secretlint-rule-', ''),
    start,
    text: content.slice(start, end),
  }));
  const ours = own.flatMap(({ what, pattern, isSecret = () => true }) =>
    [...content.matchAll(pattern)]
      .filter(([text]) => isSecret(text))
      .map((match) => ({ what, start: match.index, text: match[0] })),
  );
  return [...known, ...ours].map(({ what, start, text }) => ({
    what,
    line: content.slice(0, start).split('\n').length,
    sha256: createHash('sha256').update(text).digest('hex'),
  }));
}

/** Shannon's entropy: words and what is written out by hand have less than 4 bits a character, random text more. */
function isRandomText(text: string): boolean {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits > 4;
}
