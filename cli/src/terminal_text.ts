/** Whether a terminal shows more than ASCII, by POSIX's variables in the order in which they count. */
export function showsUtf8({ LC_ALL, LC_CTYPE, LANG }: Readonly<Record<string, string | undefined>>): boolean {
  return /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || '');
}
