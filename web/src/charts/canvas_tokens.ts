import type { CanvasTokens } from './look.ts';

/** The tokens as they hold at an element. */
export function tokensAt(element: Element): CanvasTokens {
  const style = getComputedStyle(element);
  const token = (name: string) => style.getPropertyValue(`--mantine-${name}`).trim();
  return {
    text: token('color-dimmed'),
    grid: token('color-default-border'),
    background: token('color-body'),
    font: `11px ${style.fontFamily}`,
  };
}
