/** Of fewer people, what is said of a team is said of each: the one knows by subtraction what the other did. */
export const peopleMin = 3;
