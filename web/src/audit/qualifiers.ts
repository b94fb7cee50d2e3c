import { text } from './text.ts';

/** What the log is asked for, as the API takes it; `actor` is still as it was typed. */
export interface Asked {
  readonly actor?: string;
  readonly action?: string;
  readonly target?: string;
  readonly outcome?: 'success' | 'refused';
  readonly since?: string;
  readonly until?: string;
}

interface Read {
  readonly asked: Asked;
  /** What is wrong with what was typed, a sentence each. */
  readonly faults: readonly string[];
}

/** Midnight of a day where the reader is; undefined for what is none. */
function dayOf(value: string): string | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value)) return undefined;
  const day = new Date(`${value}T00:00:00`);
  return Number.isNaN(day.getTime()) ? undefined : day.toISOString();
}

/** One qualifier, as the API takes it; a text says what is wrong with it. */
function readOne(name: string, value: string): Asked | string {
  switch (name) {
    case 'actor':
    case 'action':
    case 'target':
      return { [name]: value };
    case 'outcome':
      return value === 'success' || value === 'refused' ? { outcome: value } : text.noOutcome;
    case 'after':
    case 'before': {
      const day = dayOf(value);
      if (day === undefined) return text.noDate(value);
      return name === 'after' ? { since: day } : { until: day };
    }
    default:
      return text.unknown(`${name}:${value}`);
  }
}

/** Reads `actor:ada action:member. after:2026-11-01`; a value with blanks stands in quotes. */
export function readQualifiers(typed: string): Read {
  let asked: Asked = {};
  const faults: string[] = [];
  for (const [word, name, quoted, plain] of typed.matchAll(/(?:([a-z]+):)?(?:"([^"]*)"|(\S+))/g)) {
    if (name === undefined) {
      faults.push(text.unknown(word));
      continue;
    }
    const read = readOne(name, quoted ?? plain ?? '');
    if (typeof read === 'string') faults.push(read);
    else asked = { ...asked, ...read };
  }
  return { asked, faults };
}

/** The query of the API for what is asked. */
export const paramsOf = (asked: Asked): Record<string, string> =>
  Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined && value !== ''));
