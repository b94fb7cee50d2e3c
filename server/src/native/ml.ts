import { estimateEffort } from '../insight/effort.ts';
import { embedSpecs } from '../insight/embed_specs.ts';
import { analyzeOverlap } from '../insight/overlap.ts';
import { recommend } from '../insight/recommendations.ts';
import { recommendReuseStrategy } from '../insight/reuse.ts';
import { findSimilar } from '../insight/similar.ts';
import { type NativeRoute, route } from './route.ts';

export const mlRoutes: NativeRoute[] = [
  route('POST', '/ml/embed-specs', embedSpecs, 'Store the requirements of projects'),
  route('POST', '/ml/find-similar-projects', findSimilar, 'The projects most like a requirements text, or a project'),
  route('POST', '/ml/analyze-overlap', analyzeOverlap, 'What of a requirements text there is already, by section'),
  route(
    'POST',
    '/ml/estimate-effort',
    estimateEffort,
    'What a project would take, from those with similar requirements',
  ),
  route(
    'POST',
    '/ml/recommend-reuse-strategy',
    recommendReuseStrategy,
    'Which artifacts fit a requirements text, and what is left to build',
  ),
  route('POST', '/recommendations', recommend, 'Artifacts worth reusing in a project'),
];
