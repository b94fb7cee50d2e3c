import { invalid, type MaestroError } from '../errors.ts';

/** Bytes of UTF-8: what file systems hold in a name. */
const segmentBytesMax = 255;

/** Bytes of UTF-8: with a tenant's id before it, a path fits the 1,024 bytes of a key in S3. */
const pathBytesMax = 960;

/** Decodings tried before a path is refused as a riddle; the genuine server tries as many. */
const decodingsMax = 10;

const refused = (why: string): MaestroError => invalid(`Invalid path: ${why}`, 'path');

/**
 * The text that remains when nothing is left to decode. Clients, proxies and routers decode a path once or more, so
 * what is checked must be what any of them could make of it; the genuine server stores this form too. A `%` that
 * encodes nothing stands for itself.
 */
export function decodePath(text: string): string {
  for (let decoding = 0; decoding < decodingsMax; decoding += 1) {
    const decoded = text.replace(/(?:%[0-9a-f]{2})+/gi, (encoded) => {
      try {
        return decodeURIComponent(encoded);
      } catch {
        throw refused('it holds an encoding that is not UTF-8');
      }
    });
    if (decoded === text) return text;
    text = decoded;
  }
  throw refused('it is encoded again and again');
}

/** `..` in any spelling that some system reads as the parent: wide or one-character dots, dots with blanks around. */
const climbs = (text: string): boolean =>
  text
    .normalize('NFKC')
    .split(/[/\\]/)
    .some((segment) => /^\s*\.\s*\.[.\s]*$/.test(segment));

/**
 * Reads a path that a caller gave, decoded or not, and gives it in canonical form: relative, `/`-separated, without
 * `.`, without a slash at its end; '' is the root. Throws `invalid_parameter` for whatever could lead elsewhere: `..`,
 * absolute paths, backslashes, drives, schemes, control characters, `#`, empty segments, over-long names.
 */
export function checkPath(given: string): string {
  const text = decodePath(given);
  if (!text.isWellFormed()) throw refused('it is not well-formed text');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (/[\u0000-\u001f\u007f-\u009f]/.test(text)) throw refused('it holds a control character');
  if (text.includes('\\')) throw refused('expected "/" between segments, not a backslash');
  if (text.includes('#')) throw refused('it holds "#"');
  if (text.startsWith('/')) throw refused('expected a relative path');
  if (climbs(text)) throw refused('it climbs with ".."');
  const segments = text.split('/');
  if (segments.at(-1) === '') segments.pop();
  if (segments.includes('')) throw refused('it holds an empty segment');
  const named = segments.filter((segment) => segment !== '.');
  if (named.some((segment) => Buffer.byteLength(segment) > segmentBytesMax)) {
    throw refused(`expected names of at most ${segmentBytesMax} bytes`);
  }
  const path = named.join('/');
  if (/^(?:[a-z]|file):/i.test(path) || named.some((segment) => /^[a-z][a-z0-9+.-]*:$/i.test(segment))) {
    throw refused('expected a path, not a URL or a drive');
  }
  if (Buffer.byteLength(path) > pathBytesMax) throw refused(`expected at most ${pathBytesMax} bytes`);
  return path;
}

/** As `checkPath`, for the path of one file: it is neither the root nor written like a directory's. */
export function checkFilePath(given: string): string {
  const path = checkPath(given);
  if (path === '' || /(?:^|\/)\.?$/.test(decodePath(given))) throw refused('expected the path of a file');
  return path;
}

/** A checked path below a checked directory. */
export function joinPath(directory: string, path: string): string {
  const joined = directory === '' || path === '' ? directory + path : `${directory}/${path}`;
  if (Buffer.byteLength(joined) > pathBytesMax) throw refused(`expected at most ${pathBytesMax} bytes`);
  return joined;
}

/** Files of the library lie here. No path that a caller gives leads here, for none holds a "#". */
export const libraryDirectory = '#library';

export const libraryPath = (file: string): string => `${libraryDirectory}/${file}`;

/** Whether a path is one that `libraryPath` gave. */
export const isLibraryPath = (path: string): boolean =>
  /^#library\/[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/.test(path);

const proxyAnchor = '/api/2.0/mlflow-artifacts/artifacts/';

/**
 * The path below the tenant's root that an artifact URI names. Throws `invalid_parameter` for a URI of another store:
 * clients reach those by themselves.
 */
export function placeOf(artifactUri: string): string {
  const [, scheme = '', rest = ''] = /^([a-z][a-z0-9+.-]*):(?:\/\/[^/]*)?(.*)$/is.exec(artifactUri) ?? [];
  if (scheme === 'mlflow-artifacts') return checkPath(rest.replace(/^\/+/, ''));
  const anchor = rest.indexOf(proxyAnchor);
  if (/^https?$/.test(scheme) && anchor >= 0) return checkPath(rest.slice(anchor + proxyAnchor.length));
  throw invalid(`These files are not kept here but at '${artifactUri}'.`);
}
