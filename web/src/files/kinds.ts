/** How a file is shown. */
export type FileKind =
  | 'image'
  | 'audio'
  | 'video'
  | 'csv'
  | 'json'
  | 'markdown'
  | 'notebook'
  | 'sandbox'
  | 'pdf'
  | 'text'
  | 'unknown';

const kinds: Record<Exclude<FileKind, 'unknown'>, string> = {
  image: 'png jpg jpeg gif webp avif bmp ico',
  audio: 'mp3 wav ogg oga flac m4a aac opus',
  video: 'mp4 webm mov m4v ogv',
  csv: 'csv tsv',
  json: 'json geojson webmanifest',
  markdown: 'md markdown',
  notebook: 'ipynb',
  sandbox: 'html htm xhtml svg',
  pdf: 'pdf',
  text: 'txt log err out yaml yml toml ini cfg conf properties xml py pyi r jl js ts tsx jsx mjs css scss sh bash sql rst jsonl ndjson env diff patch c h cpp hpp java go rs rb lua tex bib lock mlmodel mlproject dockerfile makefile requirements license readme gitignore',
};

const byEnding = new Map(
  Object.entries(kinds).flatMap(([kind, endings]) => endings.split(' ').map((ending) => [ending, kind as FileKind])),
);

/** A name without an ending (`MLmodel`) is its own. */
export const kindOf = (name: string): FileKind =>
  byEnding.get(name.slice(name.lastIndexOf('.') + 1).toLowerCase()) ?? 'unknown';

/** The types by which pictures and sounds are given to the browser: never one that holds scripts. */
const types: Record<string, string> = {
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  ico: 'image/vnd.microsoft.icon',
  mp3: 'audio/mpeg',
  oga: 'audio/ogg',
  m4a: 'audio/mp4',
  mov: 'video/quicktime',
  m4v: 'video/mp4',
  ogv: 'video/ogg',
};

export function mediaTypeOf(name: string, kind: 'image' | 'audio' | 'video'): string {
  const ending = name.slice(name.lastIndexOf('.') + 1).toLowerCase();
  return types[ending] ?? `${kind}/${ending}`;
}
