import { createSpotlight } from '@mantine/spotlight';

/** Opens and closes the palette of ⌘K from anywhere. */
export const [paletteStore, { open: openPalette }] = createSpotlight();
