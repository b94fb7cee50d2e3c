import { spawn } from 'node:child_process';
import path from 'node:path';
import { venvPath } from './replay/genuine.ts';

const project = path.join(import.meta.dirname, '..');

/** Makes the project's Python environment when it is not there, unless another is named; quick when it is. */
export async function preparePython(): Promise<void> {
  if (process.env.MAESTRO_COMPAT_VENV !== undefined) return;
  const { code, output } = await runProgram(process.execPath, [path.join(project, 'scripts', 'python_env.mjs')], {});
  if (code !== 0) throw new Error(output);
}

/**
 * Runs a program of the Python environment (`python`, `pytest`) in compat/python with nothing but PATH, HOME
 * and `environment`. The output is standard output and standard error together.
 */
export function runPython(
  program: string,
  args: string[],
  environment: Record<string, string>,
): Promise<{ code: number | null; output: string }> {
  return runProgram(path.join(venvPath(), 'bin', program), args, {
    MLFLOW_DISABLE_TELEMETRY: 'true',
    MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR: 'false',
    PYTHONDONTWRITEBYTECODE: '1',
    MPLBACKEND: 'Agg',
    ...environment,
  });
}

function runProgram(
  program: string,
  args: string[],
  environment: Record<string, string>,
): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const { HOME, PATH, PIP_CONFIG_FILE } = process.env;
    const child = spawn(program, args, {
      cwd: path.join(project, 'compat', 'python'),
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...(PATH === undefined ? {} : { PATH }),
        ...(HOME === undefined ? {} : { HOME }),
        ...(PIP_CONFIG_FILE === undefined ? {} : { PIP_CONFIG_FILE }),
        ...environment,
      },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });
}
