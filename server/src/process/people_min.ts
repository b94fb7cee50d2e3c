/** Of fewer people, what is said of a team is said of each: the one knows by subtraction what the other did. */
export const peopleMin = 3;

/** In the drawing of a smaller team somebody who finds their own place soon knows everybody's. */
export const drawnMin = 5;
