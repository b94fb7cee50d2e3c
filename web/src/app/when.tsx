import { ago, moment } from './formats.ts';

/** A time, in ISO 8601, told from now; the moment itself on hover, and for machines. */
export const When = ({ at }: { readonly at: string }) => (
  <time dateTime={at} title={moment(Date.parse(at))} className="figures" style={{ whiteSpace: 'nowrap' }}>
    {ago(Date.parse(at))}
  </time>
);
