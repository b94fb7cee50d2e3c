import { embedSpecs } from '../insight/embed_specs.ts';
import { findSimilar } from '../insight/similar.ts';
import { type NativeRoute, route } from './route.ts';

export const mlRoutes: NativeRoute[] = [
  route('POST', '/ml/embed-specs', embedSpecs, 'Store the requirements of projects'),
  route('POST', '/ml/find-similar-projects', findSimilar, 'The projects most like a requirements text, or a project'),
];
