// Writes sdk/src/contract.ts, the types of /api/v1, from contract/openapi.json: the `paths` that openapi-fetch takes. With
// --check, only tells whether it is up to date. It reads what our contract has of JSON Schema, and refuses anything else.
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';

const root = path.resolve(import.meta.dirname, '..');
const source = path.join(root, 'contract', 'openapi.json');
const target = path.join(root, 'sdk', 'src', 'contract.ts');

interface Schema {
  $ref?: string;
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  anyOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  patternProperties?: Record<string, Schema>;
  items?: Schema;
  description?: string;
}
interface Content {
  content?: Record<string, { schema: Schema }>;
}
interface Parameter {
  $ref?: string;
  name: string;
  in: string;
  required?: boolean;
  description?: string;
  schema: Schema;
}
interface Operation {
  summary: string;
  parameters?: Parameter[];
  requestBody?: Content & { required: boolean };
  responses: Record<string, Content & { $ref?: string }>;
}
interface Contract {
  paths: Record<string, Record<string, Operation>>;
  components: {
    schemas: Record<string, Schema>;
    parameters: Record<string, Parameter>;
    responses: Record<string, Content>;
  };
}

const { paths, components } = JSON.parse(await readFile(source, 'utf8')) as Contract;

const named = (ref: string): string => ref.slice(ref.lastIndexOf('/') + 1);
const comment = (text: string | undefined): string =>
  text === undefined ? '' : `/** ${text.replaceAll('*/', '* /').replaceAll('\n', ' ')} */ `;
const field = (name: string, required: boolean, type: string, description?: string): string =>
  `${comment(description)}${JSON.stringify(name)}${required ? '' : '?'}: ${type};`;
const object = (fields: readonly string[]): string =>
  fields.length === 0 ? 'Record<string, never>' : `{ ${fields.join('\n')} }`;

function typeOf(schema: Schema): string {
  if (schema.$ref !== undefined) return named(schema.$ref);
  if ('const' in schema) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (schema.anyOf) return schema.anyOf.map((each) => `(${typeOf(each)})`).join(' | ');
  switch (schema.type) {
    case 'string':
    case 'boolean':
    case 'null':
      return schema.type;
    case 'integer':
    case 'number':
      return 'number';
    case 'array':
      return `(${schema.items ? typeOf(schema.items) : 'unknown'})[]`;
    case 'object': {
      const { properties, required = [], additionalProperties, patternProperties } = schema;
      const [pattern] = Object.values(patternProperties ?? {});
      const rest = pattern ?? (typeof additionalProperties === 'object' ? additionalProperties : undefined);
      if (!properties) return `Record<string, ${rest ? typeOf(rest) : 'unknown'}>`;
      return object(
        Object.entries(properties).map(([name, each]) =>
          field(name, required.includes(name), typeOf(each), each.description),
        ),
      );
    }
    case undefined:
      return 'unknown';
    default:
      throw new Error(`no type for ${JSON.stringify(schema)}`);
  }
}

const contentOf = ({ content }: Content): string =>
  content ? object(Object.entries(content).map(([media, { schema }]) => field(media, true, typeOf(schema)))) : 'never';

function parametersOf({ parameters = [] }: Operation): string {
  const all = parameters.map((each) => (each.$ref ? (components.parameters[named(each.$ref)] as Parameter) : each));
  return object(
    ['query', 'header', 'path', 'cookie'].map((place) => {
      const own = all.filter((each) => each.in === place);
      if (own.length === 0) return `${place}?: never;`;
      const fields = own.map((each) => field(each.name, each.required === true, typeOf(each.schema), each.description));
      return `${place}${own.some(({ required }) => required) ? '' : '?'}: ${object(fields)};`;
    }),
  );
}

function operationOf(operation: Operation): string {
  const { requestBody, responses } = operation;
  const answers = Object.entries(responses).map(([status, each]) => {
    if (each.$ref !== undefined)
      return `${status}: { headers: Headers; content: { 'application/problem+json': Problem } };`;
    return `${status}: { headers: Headers; content${each.content ? '' : '?'}: ${contentOf(each)} };`;
  });
  const body = requestBody
    ? `requestBody${requestBody.required ? '' : '?'}: { content: ${contentOf(requestBody)} };`
    : 'requestBody?: never;';
  return `{ parameters: ${parametersOf(operation)}; ${body} responses: { ${answers.join('\n')} }; }`;
}

const methods = ['get', 'put', 'post', 'patch', 'delete'];

const pathText = Object.entries(paths).map(([name, item]) => {
  const own = methods.map((method) => {
    const operation = item[method];
    return operation ? `${comment(operation.summary)}${method}: ${operationOf(operation)};` : `${method}?: never;`;
  });
  const unused = ['options', 'head', 'trace'].map((method) => `${method}?: never;`);
  return `${JSON.stringify(name)}: { ${[...own, ...unused].join('\n')} };`;
});
const schemaText = Object.entries(components.schemas).map(
  ([name, schema]) => `${comment(schema.description)}\nexport type ${name} = ${typeOf(schema)};`,
);

const text = `// Written by scripts/sdk_types.ts from contract/openapi.json.
type Headers = { [name: string]: unknown };

${schemaText.join('\n')}

/** Every path of /api/v1. */
export interface paths { ${pathText.join('\n')} }
`;

if (process.argv.includes('--check')) {
  if ((await readFile(target, 'utf8').catch(() => '')) !== text) {
    console.error('sdk/src/contract.ts is not what the contract says: run npm run contract and commit it.');
    process.exitCode = 1;
  }
} else await writeFile(target, text);
