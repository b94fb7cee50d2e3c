import Type, { type Static } from 'typebox';
import { invalid, type MaestroError, notFound } from '../errors.ts';
import { atPlace, defaultPageSize, pageFrom, placeOf } from '../identity/paging.ts';
import { id, orNull, pageInput, strict, text, time } from '../identity/schemas.ts';
import { defineOperation } from '../operation.ts';
import { pageOf } from '../paging.ts';
import { holdProject, requireProject } from '../projects/required.ts';
import { fingerprintOf } from '../tracking/search/page_token.ts';
import { environment, usualEnvironment } from './environment.ts';
import * as queries from './incident_queries.ts';
import { openSpanInput, openSpanOf, timeInReach } from './spans.ts';

const incidentKey = text(1, 200, { description: 'Your name for it, such as the number of a ticket.' });

const Incident = Type.Object({
  incident_key: incidentKey,
  environment: Type.String(),
  started_at: time,
  resolved_at: orNull(time, 'Null while it goes on.'),
});

const shown = ({ started_at, resolved_at, place: _, ...row }: queries.IncidentRow): Static<typeof Incident> => ({
  ...row,
  started_at: started_at.toISOString(),
  resolved_at: resolved_at?.toISOString() ?? null,
});

const missing = (key: string): MaestroError => notFound(`The project has no incident '${key}'`);

/** The newest first. */
export const listIncidents = defineOperation({
  name: 'incident.list',
  permission: 'project:read',
  input: Type.Object(
    {
      project_id: id,
      environment: Type.Optional(text(1, 200, { description: 'Those of this one; of all unless given.' })),
      ...openSpanInput,
      ...pageInput,
    },
    strict,
  ),
  on: ({ project_id }) => ({ project: project_id }),
  output: pageOf(Incident),
  async run({ tx }, { project_id, limit = defaultPageSize, page_token, ...asked }) {
    await requireProject(tx, project_id);
    const span = openSpanOf(asked);
    const fingerprint = fingerprintOf([project_id, ...Object.entries(asked).sort()]);
    const [found, ...place] = placeOf(page_token, 3) ?? [];
    if (found !== undefined && found !== fingerprint) {
      throw invalid('page_token: it belongs to another list; repeat the filters', 'page_token');
    }
    const rows = await atPlace(found === undefined ? undefined : place, () =>
      queries.incidentsAfter(tx, project_id, span, asked.environment, place, limit + 1),
    );
    return pageFrom(rows, limit, (row) => [fingerprint, row.place, row.incident_key], shown);
  },
});

export const getIncident = defineOperation({
  name: 'incident.get',
  permission: 'project:read',
  input: Type.Object({ project_id: id, incident_key: incidentKey }, strict),
  on: ({ project_id }) => ({ project: project_id }),
  output: Incident,
  async run({ tx }, { project_id, incident_key }) {
    await requireProject(tx, project_id);
    const found = await queries.findIncident(tx, project_id, incident_key);
    if (!found) throw missing(incident_key);
    return shown(found);
  },
});

/** What fails a check of the table: no more than the order of the two times is left to it. */
const isCheck = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === '23514';

/** Records a failure that users felt, or when it ended: what is not given stays. Safe to repeat. */
export const putIncident = defineOperation({
  name: 'incident.put',
  permission: 'project:write',
  audit: true,
  input: Type.Object(
    {
      project_id: id,
      incident_key: incidentKey,
      environment: Type.Optional(environment),
      started_at: Type.Optional(timeInReach),
      resolved_at: Type.Optional(orNull(timeInReach, 'Null: it goes on.')),
    },
    {
      ...strict,
      description: 'What is left out stays as it is known. A new incident began now and goes on, unless it is said.',
    },
  ),
  on: ({ project_id }) => ({ project: project_id }),
  output: Type.Null(),
  async run({ tx, audit }, { project_id, incident_key, ...told }) {
    audit(incident_key, { project: project_id, ...told });
    await holdProject(tx, project_id);
    await queries.putIncident(tx, project_id, incident_key, told, usualEnvironment).catch((error: unknown) => {
      if (!isCheck(error)) throw error;
      throw invalid('resolved_at: expected a time that is not before started_at', 'resolved_at');
    });
    return null;
  },
});

export const deleteIncident = defineOperation({
  name: 'incident.delete',
  permission: 'project:write',
  audit: true,
  input: Type.Object({ project_id: id, incident_key: incidentKey }, strict),
  on: ({ project_id }) => ({ project: project_id }),
  output: Type.Null(),
  async run({ tx, audit }, { project_id, incident_key }) {
    audit(incident_key, { project: project_id });
    await requireProject(tx, project_id);
    if (!(await queries.deleteIncident(tx, project_id, incident_key))) throw missing(incident_key);
    return null;
  },
});
