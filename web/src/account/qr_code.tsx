import { encode } from 'uqr';
import classes from './qr_code.module.css';

/** Dark squares of a row, as strokes of a path: neighbours in one. */
const strokesOf = (row: readonly boolean[], y: number): string =>
  [
    ...row
      .map((isDark) => (isDark ? '1' : '0'))
      .join('')
      .matchAll(/1+/g),
  ]
    .map(({ index, 0: { length } }) => `M${index} ${y}h${length}v1h-${length}z`)
    .join('');

/** A QR code as a drawing; `content` is kept in this page alone. */
export function QrCode({ content, label }: { readonly content: string; readonly label: string }) {
  const { data, size } = encode(content, { border: 2, ecc: 'M' });
  return (
    <svg className={classes.code} viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label}>
      <path d={data.map(strokesOf).join('')} fill="currentColor" shapeRendering="crispEdges" />
    </svg>
  );
}
