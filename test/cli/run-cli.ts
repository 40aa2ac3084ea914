import { type ChildProcess, spawn } from 'node:child_process';
import { builtProgram } from '../support/built-program.ts';

export interface Finished {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs the command line as it is shipped, in a process of its own; `whileRunning` is told what has come to stderr, and
 * `whileStarted` of the process when it begins.
 */
export async function runCli(
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
  const { main } = await builtProgram();
  const { FORCE_COLOR: _, NO_COLOR: __, ...inherited } = process.env;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [main, ...args], {
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
