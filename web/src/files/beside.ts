const root = 'http://files.invalid/';

/** The path of the file that a reference in another one leads to; undefined where it leads away from the files. */
export function beside(path: string, reference: string): string | undefined {
  if (reference === '' || reference.startsWith('#')) return undefined;
  const base = new URL(path.split('/').map(encodeURIComponent).join('/'), root);
  const url = URL.parse(reference, base.href);
  if (url === null || url.origin !== base.origin) return undefined;
  // A percent sign may stand for itself.
  return url.pathname
    .slice(1)
    .replace(/\/$/, '')
    .replaceAll(/(?:%[0-9a-f]{2})+/gi, decoded);
}

function decoded(escapes: string): string {
  try {
    return decodeURIComponent(escapes);
  } catch {
    return escapes;
  }
}
