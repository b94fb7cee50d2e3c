import { periodsText } from './periods.ts';

/** What people who are not left out did in the parts of a span, as `c`; `$3` to `$5` are what `partColumns` gives. */
export const personCellsText = `
  ${periodsText} CROSS JOIN LATERAL (
    SELECT o.* FROM maestro.code_person_cells o
     WHERE o.tenant_id = $1 AND o.project_id = $2 AND o.period = t.period AND o.start >= t.first AND o.start < t.after
    OFFSET 0) c
  JOIN maestro.code_people p
    ON p.tenant_id = $1 AND p.project_id = $2 AND p.person_id = c.person_id AND NOT p.is_left_out`;

export const personUnits = ['year', 'month', 'day'] as const;
