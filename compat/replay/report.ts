import { compare, type Difference, softKinds } from './compare.ts';
import { reasonFor } from './differences.ts';
import type { Seen } from './normalise.ts';

/** What became of one case. */
export interface Verdict {
  id: string;
  /** Differences that no rule explains and a client could notice. */
  faults: Difference[];
  /** Differences of wording or media type alone. */
  soft: Difference[];
  expected: { difference: Difference; reason: string }[];
}

export function judge(id: string, genuine: Seen, maestro: Seen): Verdict {
  const verdict: Verdict = { id, faults: [], soft: [], expected: [] };
  for (const difference of compare(genuine, maestro)) {
    const reason = reasonFor(id, difference, genuine, maestro);
    if (reason !== undefined) verdict.expected.push({ difference, reason });
    else if (softKinds.has(difference.kind)) verdict.soft.push(difference);
    else verdict.faults.push(difference);
  }
  return verdict;
}

export function describe(difference: Difference): string {
  const { kind, at, genuine, maestro } = difference;
  return `${kind}${at === '' ? '' : ` at ${at}`}: genuine ${genuine || '(none)'}, Maestro ${maestro || '(none)'}`;
}

/** The printed report: each difference by name, then the plain count. */
export function reportOf(verdicts: Verdict[], options: { soft: boolean; expected: boolean }): string {
  const lines: string[] = [];
  for (const { id, faults, soft, expected } of verdicts) {
    const shown = [
      ...faults.map((d) => `  DIFFERENT ${describe(d)}`),
      ...(options.soft ? soft.map((d) => `  soft      ${describe(d)}`) : []),
      ...(options.expected
        ? expected.map(({ difference: d, reason }) => `  expected  ${describe(d)} (${reason})`)
        : []),
    ];
    if (shown.length > 0) lines.push(id, ...shown);
  }
  const different = verdicts.filter((v) => v.faults.length + v.expected.length > 0);
  const meant = different.filter((v) => v.faults.length === 0).length;
  const worded = verdicts.filter((v) => v.soft.length > 0).length;
  lines.push(
    `${verdicts.length - different.length} same (${worded} worded differently), ${different.length} different (${meant} expected)`,
  );
  return lines.join('\n');
}
