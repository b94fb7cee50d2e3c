/** What of an MLmodel file is told at a glance. */
export interface Mlmodel {
  readonly flavors: readonly string[];
  readonly inputs: readonly Field[];
  readonly outputs: readonly Field[];
}

export interface Field {
  readonly name: string;
  readonly type: string;
}

/** The fields in a signature's JSON: columns, or tensors. */
function fieldsOf(json: string | undefined): Field[] {
  if (json === undefined || json === 'null') return [];
  try {
    const fields: unknown = JSON.parse(json);
    if (!Array.isArray(fields)) return [];
    return fields.map((each) => {
      const field = each as Record<string, unknown>;
      const tensor = (field['tensor-spec'] ?? {}) as Record<string, unknown>;
      const shape = Array.isArray(tensor.shape) ? ` [${tensor.shape.join(', ')}]` : '';
      const type = field.type === 'tensor' ? `${tensor.dtype}${shape}` : String(field.type ?? '');
      return { name: String(field.name ?? ''), type };
    });
  } catch {
    return [];
  }
}

/** A value of YAML that may be in quotes and go on in the next lines, as PyYAML folds long ones. */
function scalar(lines: readonly string[], start: number, indent: string): string | undefined {
  const begun = lines[start]?.slice((lines[start] ?? '').indexOf(':') + 1).trim() ?? '';
  const more: string[] = [];
  for (const line of lines.slice(start + 1)) {
    if (!line.startsWith(`${indent}  `)) break;
    more.push(line.trim());
  }
  const whole = [begun, ...more].join(' ');
  if (whole.startsWith("'")) return whole.slice(1, -1).replaceAll("''", "'");
  return whole.startsWith('"') ? undefined : whole;
}

/** Reads what MLflow writes; of YAML as such it knows no more than that. */
export function mlmodelOf(content: string): Mlmodel {
  const lines = content.split(/\r?\n/);
  const flavors: string[] = [];
  let block = '';
  const signature: Record<string, string | undefined> = {};
  lines.forEach((line, at) => {
    const top = /^([\w-]+):/.exec(line)?.[1];
    if (top !== undefined) block = top;
    const inner = /^ {2}([\w.-]+):/.exec(line)?.[1];
    if (inner === undefined) return;
    if (block === 'flavors') flavors.push(inner);
    if (block === 'signature') signature[inner] = scalar(lines, at, '  ');
  });
  return { flavors, inputs: fieldsOf(signature.inputs), outputs: fieldsOf(signature.outputs) };
}
