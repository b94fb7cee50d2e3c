/** A part of a document about one thing. */
export interface Section {
  /** Its heading; the beginning of its text where it has none. */
  readonly title: string;
  /** Without the heading. */
  readonly text: string;
  /** Where it begins, from 1. */
  readonly line: number;
}

/** What is longer is no document of requirements: the rest is one section. */
const sectionsMax = 200;
const titleMax = 120;

const fence = /^\s*(?:```|~~~)/;
const markdownHeading = /^ {0,3}#{1,6}[ \t]+(?=\S)/;
const underline = /^ {0,3}(?:=+|-{2,})\s*$/;
const numbered = /^\s{0,3}(?:\d+(?:\.\d+)*[.)]?|[A-Z][.)]|[IVX]+\.)\s+(\S.*)$/;
const bullet = /^\s*(?:[-*+•–]|\d+[.)]|[a-z][.)])\s+\S/;
const isBlank = (line: string | undefined): boolean => line === undefined || line.trim() === '';
/** A longer line is no heading. */
const headingMax = 300;

interface Draft {
  title: string | undefined;
  line: number;
  lines: string[];
}

/** `2.1 Data sources`, alone on its line: a list of numbered sentences is none. */
function numberedHeading(lines: readonly string[], at: number): string | undefined {
  const line = lines[at] as string;
  const [, title] = numbered.exec(line) ?? [];
  if (title === undefined || title.length > titleMax || /[.;,:]$/.test(title)) return undefined;
  const next = lines[at + 1];
  const stands = isBlank(lines[at - 1]) && (isBlank(next) || !bullet.test(next as string));
  return stands ? line.trim() : undefined;
}

/** Whether items follow one another with a blank between them: `1. Load`, ``, `2. Clean` are a list, not headings. */
function isLooseList(headings: readonly { at: number }[], lines: readonly string[]): boolean {
  const bare = headings.filter(({ at }, index) => {
    const end = headings[index + 1]?.at ?? lines.length;
    return lines.slice(at + 1, end).every(isBlank);
  });
  return bare.length === headings.length;
}

function headingsOf(lines: readonly string[]): { at: number; title: string; body: number }[] {
  const marked: { at: number; title: string; body: number }[] = [];
  const counted: typeof marked = [];
  let isCode = false;
  for (const [at, line] of lines.entries()) {
    if (fence.test(line)) isCode = !isCode;
    if (isCode || line.length > headingMax || isBlank(line)) continue;
    const [marks] = markdownHeading.exec(line) ?? [];
    if (marks !== undefined) {
      marked.push({ at, title: line.slice(marks.length).replace(/(?:\s#+)?\s*$/, ''), body: at + 1 });
      continue;
    }
    const next = lines[at + 1];
    if (isBlank(lines[at - 1]) && next !== undefined && underline.test(next) && !bullet.test(line)) {
      marked.push({ at, title: line.trim(), body: at + 2 });
      continue;
    }
    const heading = numberedHeading(lines, at);
    if (heading !== undefined) counted.push({ at, title: heading, body: at + 1 });
  }
  if (marked.length > 0) return marked;
  return counted.length > 1 && !isLooseList(counted, lines) ? counted : [];
}

/** Paragraphs; a list belongs to the line that leads to it, and one in several pieces is one. */
function paragraphsOf(lines: readonly string[], first: number): Draft[] {
  const drafts: Draft[] = [];
  let open: Draft | undefined;
  let isList = false;
  for (const [at, line] of lines.entries()) {
    if (isBlank(line)) {
      if (at + 1 < lines.length && isBlank(lines[at + 1])) continue;
      const next = lines[at + 1];
      const goesOn = next !== undefined && (bullet.test(next) || (isList && /^\s{2,}\S/.test(next)));
      const leads = isList || (open?.lines.at(-1) ?? '').trimEnd().endsWith(':');
      if (!(open && goesOn && leads)) open = undefined;
      continue;
    }
    if (!open) {
      open = { title: undefined, line: first + at, lines: [] };
      isList = false;
      drafts.push(open);
    }
    if (bullet.test(line)) {
      const lead = open.lines.length === 1 ? (open.lines[0] as string).trim() : '';
      if (lead.endsWith(':') && open.title === undefined) {
        open.title = lead.slice(0, -1);
        open.lines = [];
      }
      isList = true;
    }
    open.lines.push(line);
  }
  return drafts;
}

const shortened = (text: string): string => {
  const letters = [...text.replace(/\s+/g, ' ').trim()];
  return letters.length > titleMax
    ? `${letters
        .slice(0, titleMax - 1)
        .join('')
        .trimEnd()}…`
    : letters.join('');
};

const sectionOf = ({ title, line, lines }: Draft): Section => {
  const text = lines.join('\n').trim();
  const beginning = text.split('\n')[0] ?? '';
  return { title: shortened(title ?? beginning.replace(/^\s*(?:[-*+•–]|\d+[.)])\s+/, '')), text, line };
};

/**
 * The sections of a document: below its Markdown headings (outside of code), else below numbered headings, else its lists
 * and paragraphs. Headings with nothing below them are left out, for what they lead to has headings of its own.
 */
export function sectionsOf(document: string): Section[] {
  const lines = document.split(/\r\n|\r|\n/);
  const headings = headingsOf(lines);
  const drafts: Draft[] = [];
  if (headings.length === 0) drafts.push(...paragraphsOf(lines, 1));
  else {
    drafts.push(...paragraphsOf(lines.slice(0, headings[0]?.at), 1));
    for (const [index, { at, title, body }] of headings.entries()) {
      const below = lines.slice(body, headings[index + 1]?.at);
      if (!below.every(isBlank)) drafts.push({ title, line: at + 1, lines: below });
    }
  }
  const sections = drafts.map(sectionOf);
  if (sections.length <= sectionsMax) return sections;
  const [last, ...more] = sections.slice(sectionsMax - 1) as [Section, ...Section[]];
  const text = [last.text, ...more.flatMap((section) => [section.title, section.text])].join('\n');
  return [...sections.slice(0, sectionsMax - 1), { ...last, text }];
}
