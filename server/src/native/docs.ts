import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';

interface Parameter {
  $ref?: string;
  name: string;
  in: string;
  required: boolean;
  description?: string;
  schema: unknown;
}

interface Described {
  summary: string;
  operationId: string;
  tags: string[];
  'x-permission'?: string;
  security?: unknown[];
  parameters?: Parameter[];
  requestBody?: { required: boolean; content: Record<string, { schema: unknown }> };
  responses: Record<string, { $ref?: string; description?: string; content?: Record<string, { schema: unknown }> }>;
}

/** What the page needs of the contract. */
export interface Contract {
  info: { title: string; version: string; description: string };
  servers: { url: string }[];
  paths: Record<string, Record<string, Described>>;
  components: { responses: Record<string, { description: string }> };
}

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const html = (text: string): string => text.replace(/[&<>"]/g, (char) => escapes[char] as string);
const code = (text: string): string => `<code>${html(text)}</code>`;

/** Text with `code` in it. */
const prose = (text: string): string =>
  text
    .split('\n\n')
    .map((part) => `<p>${html(part).replace(/`([^`]+)`/g, '<code>$1</code>')}</p>`)
    .join('');

const schema = (title: string, value: unknown): string =>
  `<details class="schema"><summary>${html(title)}</summary><pre>${html(JSON.stringify(value, null, 2))}</pre></details>`;

function parametersOf({ parameters = [] }: Described): string {
  const rows = parameters
    .filter(({ $ref }) => $ref === undefined)
    .map(({ name, in: place, required, description = '', schema: shape }) => {
      const where = required ? `${place}, required` : place;
      return `<tr><td>${code(name)}</td><td>${where}</td><td>${html(description)} ${code(JSON.stringify(shape))}</td></tr>`;
    });
  return rows.length === 0 ? '' : `<h4>Parameters</h4><table>${rows.join('')}</table>`;
}

function bodyOf({ requestBody }: Described): string {
  if (!requestBody) return '';
  const [[type, { schema: shape }] = ['', { schema: {} }]] = Object.entries(requestBody.content);
  return `<h4>Body</h4>${schema(`${type}${requestBody.required ? ', required' : ''}`, shape)}`;
}

function answersOf({ responses }: Described, { components }: Contract): string {
  const rows = Object.entries(responses).map(([status, { $ref, description, content }]) => {
    const shared = $ref ? components.responses[$ref.split('/').at(-1) as string]?.description : undefined;
    const shape = Object.entries(content ?? {}).map(([type, { schema: of }]) => schema(type, of));
    return `<tr><td>${status}</td><td>${html(shared ?? description ?? '')}${shape.join('')}</td></tr>`;
  });
  return `<h4>Answers</h4><table>${rows.join('')}</table>`;
}

function operationOf(method: string, path: string, described: Described, contract: Contract): string {
  const needs = described['x-permission']
    ? `Needs ${code(described['x-permission'])}.`
    : described.security
      ? 'Public.'
      : 'Needs a sign-in.';
  return `<details class="operation" id="${html(described.operationId)}">
<summary><b class="${method}">${method.toUpperCase()}</b> ${code(path)} <span>${html(described.summary)}</span></summary>
<div><p>${needs}</p>${parametersOf(described)}${bodyOf(described)}${answersOf(described, contract)}</div>
</details>`;
}

/** The contract as a page, complete as it is sent: it runs no script. */
function pageOf(contract: Contract): string {
  const sections = new Map<string, string[]>();
  for (const [path, methods] of Object.entries(contract.paths)) {
    for (const [method, described] of Object.entries(methods)) {
      const tag = described.tags[0] ?? '';
      const operation = operationOf(method, (contract.servers[0]?.url ?? '') + path, described, contract);
      sections.set(tag, [...(sections.get(tag) ?? []), operation]);
    }
  }
  const sorted = [...sections].sort(([a], [b]) => (a < b ? -1 : 1));
  const links = sorted.map(([tag]) => `<a href="#tag-${html(tag)}">${html(tag)}</a>`);
  const parts = sorted.map(
    ([tag, operations]) => `<h2 id="tag-${html(tag)}">${html(tag)}</h2>${operations.join('\n')}`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${html(contract.info.title)} API</title>
<style>${style}</style>
</head>
<body>
<h1>${html(contract.info.title)} API <small>${html(contract.info.version)}</small></h1>
${prose(contract.info.description)}
<p>For programs: <a href="/api/v1/openapi.json">openapi.json</a></p>
<nav>${links.join(' ')}</nav>
${parts.join('\n')}
</body>
</html>
`;
}

const style = `
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1c2430; background: #fff; }
code, pre { font: 0.9em ui-monospace, monospace; overflow-wrap: anywhere; }
pre { background: #f3f5f8; padding: 0.75rem; overflow-x: auto; }
nav a { margin-right: 0.75rem; }
.operation { border: 1px solid #d5dbe3; border-radius: 6px; margin: 0.5rem 0; }
.operation > summary { padding: 0.5rem 0.75rem; cursor: pointer; }
.operation > div { padding: 0 0.75rem 0.75rem; border-top: 1px solid #d5dbe3; }
.operation summary span { color: #556070; }
summary b { display: inline-block; min-width: 4.5rem; }
.get { color: #1159a8; } .post { color: #17703a; } .put, .patch { color: #8a5200; } .delete { color: #b3261e; }
table { border-collapse: collapse; width: 100%; }
td { border-bottom: 1px solid #e6eaef; padding: 0.25rem 0.75rem 0.25rem 0; vertical-align: top; }
@media (prefers-color-scheme: dark) {
  body { color: #e3e8ef; background: #12161c; } pre { background: #1b222b; } a { color: #8ab8f0; }
  .operation, .operation > div, td { border-color: #333d49; } .operation summary span { color: #9aa7b6; }
  .get { color: #7fb3f0; } .post { color: #72c794; } .put, .patch { color: #e0ac62; } .delete { color: #f09a94; }
}
`;

/** `/api/docs`: the contract for people, public as the contract is, whole in one answer, and without a script. */
export function mountDocs(app: FastifyInstance, contract: Contract): void {
  const page = pageOf(contract);
  const styleHash = createHash('sha256').update(style).digest('base64');
  const policy = `default-src 'none'; style-src 'sha256-${styleHash}'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
  app.get('/api/docs', { config: { unguarded: 'the page of the public contract' } }, (_request, reply) =>
    reply
      .headers({
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': policy,
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
      })
      .send(page),
  );
}
