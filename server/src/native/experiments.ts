import Type, { type Static } from 'typebox';
import { pageOf } from '../paging.ts';
import { listKeys, listValues } from '../tracking/experiments/keys.ts';
import * as operations from '../tracking/experiments/operations.ts';
import { type NativeRoute, route } from './route.ts';

/** An experiment with its tags by key, as runs have theirs. */
const Experiment = Type.Object({
  ...operations.ExperimentSchema.properties,
  tags: Type.Record(Type.String(), Type.String()),
});

const shownExperiment = ({ tags, ...rest }: Static<typeof operations.ExperimentSchema>): Static<typeof Experiment> => ({
  ...rest,
  tags: Object.fromEntries(tags.map(({ key, value }) => [key, value])),
});

const shown = { schema: Experiment, of: shownExperiment };

export const experimentRoutes: NativeRoute[] = [
  route('GET', '/experiments', operations.searchExperiments, 'List experiments', {
    shown: {
      schema: pageOf(Experiment),
      of: ({ items, next_page_token }) => ({ items: items.map(shownExperiment), next_page_token }),
    },
  }),
  route('POST', '/experiments', operations.createExperiment, 'Create an experiment', {
    status: 201,
    errors: ['already_exists'],
    shown,
  }),
  route('GET', '/experiments/:experiment_id', operations.getExperiment, 'Get an experiment', { shown }),
  route('PATCH', '/experiments/:experiment_id', operations.renameExperiment, 'Rename an experiment', {
    errors: ['already_exists'],
    shown,
  }),
  route('DELETE', '/experiments/:experiment_id', operations.deleteExperiment, 'Delete an experiment with its runs', {
    status: 204,
  }),
  route('POST', '/experiments/:experiment_id/restore', operations.restoreExperiment, 'Restore a deleted experiment', {
    status: 204,
  }),
  route('GET', '/experiments/:experiment_id/keys', listKeys, 'Names of the metrics, params or tags of its runs'),
  route('GET', '/experiments/:experiment_id/values', listValues, 'Values of a param or tag of its runs'),
  route('PUT', '/experiments/:experiment_id/tags/:key', operations.setExperimentTag, 'Set a tag of an experiment', {
    status: 204,
  }),
  route(
    'DELETE',
    '/experiments/:experiment_id/tags/:key',
    operations.deleteExperimentTag,
    'Delete a tag of an experiment',
    { status: 204 },
  ),
];
