import { clientVariables, type Variable, variables } from './variables.ts';

const head = `# Everything that Maestro reads from its environment. Nothing here is needed: without any of it, npm start serves
# http://localhost:8080 on an embedded PostgreSQL. Copy this file to .env, which npm start reads, and take the # away
# from what you set. A variable that is set in the environment wins over .env. Those marked (secret) may instead be
# given as NAME_FILE, the path of a file that holds the value, or be kept in a store: see MAESTRO_SECRETS.
`;

const columns = 100;

/** `text` as comment lines of at most 100 columns. */
export function commentOf(text: string): string {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) as string;
    if (line.length + word.length + 3 > columns) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines.map((line) => `# ${line}`).join('\n');
}

/** `.env.example`: each variable with what it does, and of a secret the variable that names its file. */
export function environmentExample(): string {
  const blocks = variables.map(({ name, description, example, secret }: Variable) => {
    const file = secret && !clientVariables.includes(name) ? `#${name}_FILE=/run/secrets/${name.toLowerCase()}\n` : '';
    return `${commentOf(`${description}${secret ? ' (secret)' : ''}`)}\n${file}#${name}=${example}\n`;
  });
  return [head, ...blocks].join('\n');
}
