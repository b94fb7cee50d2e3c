import type { Call } from './call.ts';
import type { PredictionAnswer, PredictionChanges } from './prediction_answer.ts';
import { predictionHtml } from './prediction_html.ts';
import { predictionText } from './prediction_text.ts';

/** By these names what shows a value asks it to draw itself: Deno's notebooks, and the console of Node, Deno and Bun. */
export const jupyterDisplay: unique symbol = Symbol.for('Jupyter.display');
export const consoleInspect: unique symbol = Symbol.for('nodejs.util.inspect.custom');

/** The answer of the server, which draws its intervals and contributions where it is shown. */
export interface Prediction extends PredictionAnswer {
  [jupyterDisplay](): { 'text/plain': string; 'text/html': string };
  [consoleInspect](depth: number): string;
}

export interface Predict {
  /** Success, duration and cost of a project: as it is, or with what else is given changed. */
  (projectId: string, changes?: PredictionChanges): Promise<Prediction>;
  /** Of a project that is not made. */
  (project: PredictionChanges): Promise<Prediction>;
}

/** What draws is no field: it is in no copy and no JSON of the answer. */
function drawing(answer: PredictionAnswer): Prediction {
  const methods: Pick<Prediction, typeof jupyterDisplay | typeof consoleInspect> = {
    [jupyterDisplay]: () => ({ 'text/plain': predictionText(answer), 'text/html': predictionHtml(answer) }),
    [consoleInspect]: (depth) => (depth < 0 ? '[Prediction]' : predictionText(answer)),
  };
  return Object.defineProperties(answer, {
    [jupyterDisplay]: { value: methods[jupyterDisplay] },
    [consoleInspect]: { value: methods[consoleInspect] },
  }) as Prediction;
}

const saysSomething = ({ keep: _, ...said }: PredictionChanges): boolean =>
  Object.values(said).some((value) => value !== undefined);

export const predictBy =
  (post: Call<'post'>): Predict =>
  async (of: string | PredictionChanges, changes: PredictionChanges = {}) => {
    if (typeof of !== 'string') {
      if (!saysSomething(of)) throw new TypeError('expected the id of a project, or what one would be like');
      return drawing((await post('/predictions', { body: of })).data);
    }
    const { data } =
      Object.keys(changes).length > 0
        ? await post('/predictions', { body: { ...changes, project_id: of } })
        : await post('/projects/{project_id}/predict', { params: { path: { project_id: of } } });
    return drawing(data);
  };
