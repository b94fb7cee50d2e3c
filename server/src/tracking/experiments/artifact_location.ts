import { invalid } from '../../errors.ts';
import { limits } from '../limits.ts';

/**
 * Checks where an experiment's files shall go. Only `mlflow-artifacts:` (this server's files) and remote stores that
 * clients reach by themselves are taken: a local path or `file:` would name files of whatever machine reads it, and a
 * path that climbs is the way of CVE-2023-6909, CVE-2024-1483, CVE-2024-1560 and their kin.
 */
export function checkArtifactLocation(location: string): void {
  const field = 'artifact_location';
  if (location.length > limits.artifactLocationLength) {
    throw invalid(
      'Invalid artifact path length. The length of the artifact path cannot be greater than ' +
        `${limits.artifactLocationLength} characters.`,
      field,
    );
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (/[\u0000-\u001f\u007f\\]/.test(location)) {
    throw invalid(`'${field}' holds a control character or a backslash.`, field);
  }
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(location)?.[1]?.toLowerCase();
  if (scheme === 'runs') {
    throw invalid(`Artifact location cannot be a runs:/ URI. Given: '${location}'`, field);
  }
  if (scheme === undefined || scheme === 'file') {
    throw invalid(
      `Invalid '${field}': '${location}'. Expected a URI such as 'mlflow-artifacts:/path' or 's3://bucket/path'; ` +
        'local paths are not accepted.',
      field,
    );
  }
  const [path = '', query = ''] = location.split('?', 2);
  if (location.includes('#') || path.includes(';')) {
    throw invalid(`'${field}' URL can't include fragments or params.`, field);
  }
  // Decoded until nothing changes: what is checked must be what any later reader could make of it.
  for (let text = path + query, before = ''; text !== before; ) {
    if (text.split(/[/\\]/).includes('..'))
      throw invalid(`Invalid '${field}': '${location}' climbs out of itself.`, field);
    before = text;
    try {
      text = decodeURIComponent(text);
    } catch {
      throw invalid(`Invalid '${field}': '${location}' is not well encoded.`, field);
    }
  }
}
