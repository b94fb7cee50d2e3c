/** Text to look at, whatever its own type is: as the genuine server does, so that no browser runs or parses it. */
const asText =
  /^(?:txt|log|err|cfg|conf|cnf|cf|ini|properties|prop|hocon|toml|yaml|yml|xml|json|js|py|py3|csv|tsv|md|rst|ipynb|mlmodel|mlproject)$/i;

const types = new Map(
  Object.entries({
    avif: 'image/avif',
    avi: 'video/x-msvideo',
    bmp: 'image/bmp',
    css: 'text/css',
    doc: 'application/msword',
    gif: 'image/gif',
    h5: 'application/x-hdf5',
    heic: 'image/heic',
    htm: 'text/html',
    html: 'text/html',
    ico: 'image/vnd.microsoft.icon',
    jpeg: 'image/jpeg',
    jpg: 'image/jpeg',
    mjs: 'text/javascript',
    mov: 'video/quicktime',
    mp3: 'audio/mpeg',
    mp4: 'video/mp4',
    mpeg: 'video/mpeg',
    pdf: 'application/pdf',
    png: 'image/png',
    ppt: 'application/vnd.ms-powerpoint',
    ps: 'application/postscript',
    svg: 'image/svg+xml',
    tar: 'application/x-tar',
    tif: 'image/tiff',
    tiff: 'image/tiff',
    wasm: 'application/wasm',
    wav: 'audio/x-wav',
    webm: 'video/webm',
    webp: 'image/webp',
    xls: 'application/vnd.ms-excel',
    zip: 'application/zip',
  }),
);

/**
 * The content type of a file, by its name's ending; a name without one (`MLmodel`) is its own ending. What is text says
 * its charset: a reader who has to guess one can be made to guess a dangerous one.
 */
export function contentTypeOf(name: string): string {
  const ending = name.slice(name.lastIndexOf('.') + 1);
  const type = asText.test(ending) ? 'text/plain' : types.get(ending.toLowerCase());
  if (type === undefined) return 'application/octet-stream';
  return /^text\/|\+xml$/.test(type) ? `${type}; charset=utf-8` : type;
}
