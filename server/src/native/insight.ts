import * as models from '../insight/model_operations.ts';
import * as predictions from '../insight/prediction_operations.ts';
import { type NativeRoute, route } from './route.ts';

export const insightRoutes: NativeRoute[] = [
  route('POST', '/projects/:project_id/predict', predictions.predictProject, 'Predict what will come of a project'),
  route(
    'POST',
    '/predictions',
    predictions.predictChanges,
    'Predict for a project not yet made, or for changes to one',
  ),
  route('GET', '/predictions', predictions.listPredictions, 'List predictions, the newest first'),
  route('GET', '/predictions/:prediction_id', predictions.getPrediction, 'Get a prediction, and how it was met'),
  route('GET', '/insight/model', models.getModel, 'What was learned from finished projects, and how good it is'),
  route('GET', '/insight/models', models.listModels, 'The versions of what was learned, the newest first'),
  route('POST', '/insight/train', models.train, 'Learn from finished projects now'),
];
