import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { callOf } from '../call.ts';
import type { Operation } from '../operation.ts';
import type { Ports } from '../ports/ports.ts';

/** A route of the MLflow face: it translates a request into an operation's input, and its output back. */
export interface MlflowRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below `/api/2.0/mlflow`, `/api/3.0/mlflow` and their `/ajax-api` twins. */
  readonly path: string;
  readonly operation: Operation;
  readonly input: (request: FastifyRequest) => unknown;
  /** The body: an object, or JSON text that is ready to send. */
  readonly output: (output: unknown, reply: FastifyReply, request: FastifyRequest) => unknown;
}

export function mlflowRoute<Input, Output>(
  method: MlflowRoute['method'],
  path: string,
  operation: Operation<Input, Output>,
  input: (request: FastifyRequest) => Input,
  output: (output: Output, reply: FastifyReply, request: FastifyRequest) => unknown,
): MlflowRoute {
  return { method, path, operation: operation as Operation, input, output: output as MlflowRoute['output'] };
}

/** Mounts routes below the prefix of `app`. */
export function mountMlflow(app: FastifyInstance, ports: Ports, routes: readonly MlflowRoute[]): void {
  for (const { method, path, operation, input, output } of routes) {
    app.route({
      method,
      url: path,
      config: { operation: operation.name },
      handler: async (request, reply) => {
        const result = await operation.execute(ports, callOf(request), () => input(request));
        const body = output(result, reply, request);
        // Text is JSON that a query assembled; it goes out as it is.
        if (typeof body === 'string') reply.type('application/json; charset=utf-8');
        return reply.send(body);
      },
    });
  }
}
