import { type CSSVariablesResolver, createTheme } from '@mantine/core';
import { text } from './text.ts';

const closeButtonProps = { 'aria-label': text.close };

/** The tokens of the design: colours, sizes and what is derived from them. Components name them, and no values. */
export const theme = createTheme({
  primaryColor: 'indigo',
  primaryShade: { light: 7, dark: 8 },
  autoContrast: true,
  defaultRadius: 'md',
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, "Cascadia Mono", monospace',
  headings: { fontWeight: '650' },
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    // Fields are needed unless their label says that they are optional.
    InputWrapper: { defaultProps: { withAsterisk: false } },
    // So they are in the titles of tinted boxes.
    Alert: { styles: { label: { color: 'var(--mantine-color-text)' } } },
    // A dialog's heading is no banner of the page.
    Modal: { defaultProps: { attributes: { header: { role: 'presentation' } }, closeButtonProps } },
    Drawer: { defaultProps: { closeButtonProps } },
    Notification: { defaultProps: { closeButtonProps } },
    // On a tint of their own colour, words are too pale to be read by everybody.
    Badge: {
      defaultProps: { tt: 'none' },
      styles: (_theme: unknown, { variant }: { variant?: string }) =>
        variant === 'light' ? { label: { color: 'var(--mantine-color-text)' } } : {},
    },
  },
});

/** Mantine's dimmed text, placeholders and links, dark enough for WCAG 2.2 AA on every background they stand on. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: { '--chart-height': '16rem' },
  light: {
    '--mantine-color-dimmed': '#545b63',
    '--mantine-color-placeholder': '#5f666e',
    '--mantine-color-anchor': 'var(--mantine-color-indigo-8)',
    '--mantine-color-error': '#b3261e',
    '--colour-better': 'var(--mantine-color-teal-9)',
  },
  dark: {
    '--mantine-color-dimmed': '#a6adb5',
    '--mantine-color-placeholder': '#969ea7',
    '--mantine-color-anchor': 'var(--mantine-color-indigo-3)',
    '--mantine-color-error': '#ff9d94',
    '--colour-better': 'var(--mantine-color-teal-4)',
  },
});

/**
 * Colours of lines, of the same hues in both themes. No two are alike, nor are they for people without red or green cones, and
 * each has 3:1 on its background; after the last one the dashes change.
 */
export const lineColours = {
  light: ['#0041a6', '#e26617', '#0fa47a', '#790067', '#006100', '#452507', '#9264e6', '#73636d'],
  dark: ['#00b5ff', '#ff9500', '#00da98', '#e65189', '#ebf248', '#917a00', '#8a65e7', '#e5e4f6'],
} as const;
export const lineDashes: readonly (readonly number[])[] = [[], [6, 4], [2, 3], [10, 4, 2, 4]];

/** From the least to the greatest: blue to orange, which people who see few colours tell apart. */
export const scaleColours = {
  light: ['#0b62a8', '#8d86a8', '#b8500b'],
  dark: ['#6bb5f0', '#cfc3cb', '#f2a35e'],
} as const;
