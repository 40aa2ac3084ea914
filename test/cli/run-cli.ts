import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
export const LOADER = import.meta.resolve('tsx');

export interface Finished {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs the command line as its users do, in a process of its own; `whileRunning` is told what has come to stderr, and
 * `whileStarted` of the process when it begins.
 */
export function runCli(
  args: readonly string[],
  {
    env = {},
    whileRunning,
    whileStarted,
  }: {
    env?: Record<string, string>;
    whileRunning?: (child: ChildProcess, stderr: string) => void;
    whileStarted?: (child: ChildProcess) => void;
  } = {},
): Promise<Finished> {
  const { FORCE_COLOR: _, NO_COLOR: __, ...inherited } = process.env;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', LOADER, MAIN, ...args], {
      env: { ...inherited, ...env },
      // a test that goes wrong leaves nothing behind
      timeout: 50_000,
      killSignal: 'SIGKILL',
    });
    whileStarted?.(child);
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
      whileRunning?.(child, stderr);
    });
    child.on('error', reject);
    child.on('close', (exitCode) => resolve({ exitCode, stdout, stderr }));
  });
}
