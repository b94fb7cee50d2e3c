import type { paths } from '@maestro/sdk/contract';

type Json<Holder> = Holder extends { content: { 'application/json': infer Value } } ? Value : never;

/** The JSON body that a call takes. */
export type BodyOf<Path extends keyof paths, Method extends keyof paths[Path]> = paths[Path][Method] extends {
  requestBody?: infer Body;
}
  ? Json<NonNullable<Body>>
  : never;

/** The JSON that a call answers with 200. */
export type AnswerOf<Path extends keyof paths, Method extends keyof paths[Path]> = paths[Path][Method] extends {
  responses: { 200: infer Answer };
}
  ? Json<Answer>
  : never;
