import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { BenchError } from './case-report.ts';

/** A version of dcfabric that can be run: `command` and then the words of its command line. */
export interface BenchProgram {
  /** As people call it: a revision, a folder, `this version`. */
  readonly label: string;
  readonly command: readonly [executable: string, ...args: string[]];
  /** Runs cases of the suite in `bench`; null where only the program itself is at hand. */
  readonly suite: readonly [executable: string, ...args: string[]] | null;
}

/** The version that runs now. */
export function thisProgram(): BenchProgram {
  const isCompiled = !import.meta.url.endsWith('.ts');
  const main = fileURLToPath(new URL(`../cli/main.${isCompiled ? 'js' : 'ts'}`, import.meta.url));
  const loader = isCompiled ? [] : ['--import', import.meta.resolve('tsx')];
  return { label: 'this version', command: [process.execPath, ...loader, main], suite: null };
}

/** What a process printed; throws a BenchError with the end of what it said when it fails. */
export async function outputOf(command: readonly string[], what: string): Promise<string> {
  let text = '';
  for await (const line of linesOf(command, what)) text += `${line}\n`;
  return text;
}

/** The lines that a process prints, as they come; it is ended when nobody wants more of them. */
export async function* linesOf([executable, ...args]: readonly string[], what: string): AsyncGenerator<string> {
  const child = spawn(executable!, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let complaints = '';
  child.stderr.on('data', (data: Buffer) => {
    complaints = (complaints + data.toString()).slice(-2_000);
  });
  const ended = new Promise<number | NodeJS.Signals | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(code ?? signal));
  });
  // waited for below, if the lines come to their end at all
  ended.catch(() => undefined);
  let isAtEnd = false;
  try {
    for await (const line of createInterface({ input: child.stdout })) yield line;
    isAtEnd = true;
  } finally {
    if (!isAtEnd) child.kill();
  }
  const status = await ended;
  if (status !== 0) throw new BenchError(`${what} ended with ${status}: ${complaints.trim() || 'it said nothing'}`);
}
