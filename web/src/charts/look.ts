/** What a canvas needs of the theme, which its drawing cannot take from style sheets. */
export interface CanvasTokens {
  readonly text: string;
  readonly grid: string;
  readonly background: string;
  readonly font: string;
}

/** What a drawing takes from the theme. */
export interface Look {
  readonly scheme: 'light' | 'dark';
  readonly tokens: CanvasTokens;
}
