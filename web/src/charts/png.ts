import { tellFailure } from '../app/changes.tsx';
import { saveBlob } from '../app/save.ts';
import { text } from './text.ts';

/** Saves an SVG document as a picture of twice its size, `<name>.png`; says so where the browser cannot paint it. */
export const savePng = (name: string, svg: string): void =>
  void paint(svg)
    .then((picture) => saveBlob(`${name}.png`, picture))
    .catch(tellFailure);

async function paint(svg: string): Promise<Blob> {
  const address = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = image.naturalWidth * 2;
    canvas.height = image.naturalHeight * 2;
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
    const { promise, resolve, reject } = Promise.withResolvers<Blob>();
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error(text.pngTooLarge))), 'image/png');
    return await promise;
  } finally {
    URL.revokeObjectURL(address);
  }
}
