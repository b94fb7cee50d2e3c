import { invalid } from '../../errors.ts';
import { limits, truncated } from '../limits.ts';

/**
 * The run tag in which MLflow's clients of version 2 (and some flavors still) list the models a run logged: JSON as
 * Python writes it, since clients compare and cut it as text.
 */
export const modelHistoryTag = 'mlflow.log-model.history';

/** How much of what a client sent is shown in a message. */
const shownMax = 500;

const mandatory = ['artifact_path', 'flavors', 'run_id', 'utc_time_created'] as const;

/** A number as it stood in the text: neither the digits of a large integer nor the form of a float are lost. */
class NumberText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Undefined for what is no JSON, or nested too deep to be walked. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) =>
      typeof value === 'number' ? new NumberText(context?.source ?? String(value)) : value,
    );
  } catch {
    return undefined;
  }
}

const pythonText = (text: string): string =>
  JSON.stringify(text).replace(/[^\u0020-\u007e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);

function pythonJson(value: unknown): string {
  if (value instanceof NumberText) return value.text;
  if (typeof value === 'string') return pythonText(value);
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(', ')}]`;
  if (isObject(value)) {
    const fields = Object.entries(value).map(([key, field]) => `${pythonText(key)}: ${pythonJson(field)}`);
    return `{${fields.join(', ')}}`;
  }
  return JSON.stringify(value);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof NumberText);

/** What the history keeps of a flavor: all but its configuration, which may be long. */
const flavorEntry = (flavor: unknown): unknown =>
  isObject(flavor) ? Object.fromEntries(Object.entries(flavor).filter(([key]) => key !== 'config')) : flavor;

const timeText = (time: unknown): string => (time instanceof NumberText ? time.text : String(time));

/** The entry of the history for a model, from the JSON that a client sends. */
function entryOf(modelJson: string): string {
  const malformed = (what: string) => invalid(what, 'model_json');
  const model = parsed(modelJson);
  if (model === undefined) {
    throw malformed(`Malformed model info. \n ${truncated(modelJson, shownMax)} \n is not a valid JSON.`);
  }
  if (!isObject(model)) throw malformed('Model json must be an object.');
  const missing = mandatory.filter((field) => !(field in model));
  if (missing.length > 0) {
    throw malformed(`Model json is missing mandatory fields: {${missing.map((field) => `'${field}'`).join(', ')}}`);
  }
  const flavors = model.flavors ?? {};
  if (!isObject(flavors)) throw malformed('Model json: flavors must be an object.');
  return pythonJson({
    run_id: model.run_id,
    artifact_path: model.artifact_path,
    utc_time_created: timeText(model.utc_time_created),
    model_uuid: model.model_uuid ?? null,
    flavors: Object.fromEntries(Object.entries(flavors).map(([name, flavor]) => [name, flavorEntry(flavor)])),
  });
}

/**
 * The history with a model behind what is there; unchanged where the model is in it already, so that a repeated call
 * does no harm.
 *
 * @param before the tag's value, if the run has one
 * @throws `invalid_parameter` where the model's JSON lacks a field, where the tag holds no JSON list, and where it
 *   would grow beyond a tag's length.
 */
export function withModel(before: string | undefined, modelJson: string): string {
  const entry = entryOf(modelJson);
  const history = before === undefined ? [] : parsed(before);
  if (!Array.isArray(history)) throw invalid(`Tag '${modelHistoryTag}' of the run holds no JSON list.`, 'run_id');
  const entries = history.map(pythonJson);
  const value = `[${(entries.includes(entry) ? entries : [...entries, entry]).join(', ')}]`;
  if (value.length > limits.tagValueLength) {
    throw invalid(
      `Tag '${modelHistoryTag}' would exceed the maximum length of ${limits.tagValueLength} characters.`,
      'model_json',
    );
  }
  return value;
}
