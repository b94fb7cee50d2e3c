import type { FastifyInstance } from 'fastify';
import { readJson } from '../bodies.ts';
import { invalid } from '../errors.ts';
import type { Ports } from '../ports/ports.ts';
import { experimentRoutes } from './experiments.ts';
import { fileRoutes, mountFiles } from './files.ts';
import { inputRoutes } from './inputs.ts';
import { loggedModelRoutes } from './logged_models.ts';
import { metricRoutes } from './metrics.ts';
import { mountMlflow } from './route.ts';
import { runRoutes } from './runs.ts';
import { workspaceRoutes } from './workspaces.ts';

const prefixes = ['/api/2.0/mlflow', '/api/3.0/mlflow', '/ajax-api/2.0/mlflow', '/ajax-api/3.0/mlflow'];

export const wrongContentType = () => invalid("Bad Request. Content-Type must be one of ['application/json'].");

/** Bodies are JSON whatever is wrong with them otherwise; the genuine server names the content type it expects. */
function readJsonBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  readJson(app);
  app.addContentTypeParser('*', (_request, _payload, done) => {
    done(wrongContentType());
  });
}

/** MLflow's REST protocol. */
export const mlflowFace =
  (ports: Ports) =>
  async (app: FastifyInstance): Promise<void> => {
    const routes = [
      ...experimentRoutes,
      ...runRoutes(ports),
      ...metricRoutes(ports),
      ...inputRoutes,
      ...loggedModelRoutes,
      ...fileRoutes,
      ...workspaceRoutes,
    ];
    await mountFiles(app, ports);
    for (const prefix of prefixes) {
      await app.register(
        async (scope) => {
          readJsonBodies(scope);
          mountMlflow(scope, ports, routes);
        },
        { prefix },
      );
    }
  };
