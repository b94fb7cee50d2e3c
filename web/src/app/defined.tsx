import { Tooltip } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './defined.module.css';

interface DefinedProps {
  /** What is told of it. */
  readonly by: string;
  readonly children: ReactNode;
}

/** Words or a figure that say more of themselves, to pointer, keyboard and touch. */
export const Defined = ({ by, children }: DefinedProps) => (
  // Within the page's main part, since all that a page says has to be in a landmark.
  <Tooltip
    label={by}
    multiline
    maw={320}
    portalProps={{ target: '#main' }}
    events={{ hover: true, focus: true, touch: true }}
  >
    {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what is told must be reached by keyboard (WCAG 1.4.13) */}
    <span tabIndex={0} className={classes.defined}>
      {children}
    </span>
  </Tooltip>
);
