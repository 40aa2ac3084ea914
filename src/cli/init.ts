import { createInterface } from 'node:readline/promises';
import {
  FIRST_QUESTIONS,
  FIRST_SCENARIO,
  type FirstQuestion,
  type FirstScenario,
  firstScenarioText,
} from '../scenario/first-scenario.ts';
import { parseScenario } from '../scenario/read-scenario.ts';
import { createPalette } from './colour.ts';
import { ExitCode } from './exit-code.ts';
import type { InitOptions } from './options.ts';
import { writeMessage } from './output.ts';
import { requireNewFile, writeNewFile } from './text-files.ts';

/** Writes a first scenario, after a few questions where somebody is there to answer them. */
export async function init(file: string, options: InitOptions): Promise<ExitCode> {
  requireNewFile(file, options);
  const isAsking = process.stdin.isTTY === true && options.yes !== true;
  const answers = isAsking ? await ask(options) : options;
  if (answers === null) return ExitCode.interrupted;
  const text = firstScenarioText({ ...FIRST_SCENARIO, ...withoutUndefined(answers), file });
  // what does not go together, such as a fabric that wants another topology, is said before a file is there
  parseScenario(text, file);
  await writeNewFile(file, text, options);
  const { bold } = createPalette(process.stderr);
  writeMessage(`${file} is written. Next: ${bold(`dcfabric compare ${file}`)}`, options);
  return ExitCode.ok;
}

type Answers = Partial<Omit<FirstScenario, 'file'>>;

function withoutUndefined(answers: Answers): Answers {
  const { question, leaves, spines, serversPerLeaf, vms, fabrics } = answers;
  const said = Object.entries({ question, leaves, spines, serversPerLeaf, vms, fabrics });
  return Object.fromEntries(said.filter(([, value]) => value !== undefined)) as Answers;
}

interface Question {
  readonly key: keyof Answers;
  readonly text: string;
  /** The value that an answer stands for, or what would do. */
  readonly parse: (answer: string) => { readonly value: unknown } | { readonly expected: string };
}

const QUESTIONS: readonly Question[] = [
  {
    key: 'question',
    text: `What do you want to find out (${Object.keys(FIRST_QUESTIONS).join(', ')})?`,
    parse: (answer) => {
      if (Object.hasOwn(FIRST_QUESTIONS, answer)) return { value: answer as FirstQuestion };
      return { expected: `one of ${Object.keys(FIRST_QUESTIONS).join(', ')}` };
    },
  },
  { key: 'leaves', text: 'How many leaf switches, one for each rack?', parse: (answer) => count(answer, 4096) },
  { key: 'spines', text: 'How many spine switches?', parse: (answer) => count(answer, 256) },
  { key: 'serversPerLeaf', text: 'How many servers in each rack?', parse: (answer) => count(answer, 1024) },
  { key: 'vms', text: 'How many VMs in all?', parse: (answer) => count(answer, 1_000_000) },
  {
    key: 'fabrics',
    text: 'Which designs, the first to compare the others with?',
    parse: (answer) => ({ value: answer.split(/[\s,]+/).filter((kind) => kind !== '') }),
  },
];

function count(answer: string, max: number): { value: number } | { expected: string } {
  const value = Number(answer);
  if (/^\d+$/.test(answer) && value >= 1 && value <= max) return { value };
  return { expected: `a whole number from 1 to ${max}` };
}

/** Asks for whatever no option says. Null: whoever was asked went away. */
async function ask(options: InitOptions): Promise<Answers | null> {
  // answers are no data: stdout stays empty
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const gone = new AbortController();
  terminal.on('SIGINT', () => gone.abort()).on('close', () => gone.abort());
  const answers: Record<string, unknown> = { ...options };
  try {
    for (const { key, text, parse } of QUESTIONS) {
      const preset = String(FIRST_SCENARIO[key]).replaceAll(',', ' ');
      while (answers[key] === undefined) {
        const answer = (await terminal.question(`${text} [${preset}] `, { signal: gone.signal })).trim();
        const result = answer === '' ? { value: FIRST_SCENARIO[key] } : parse(answer);
        if ('value' in result) answers[key] = result.value;
        else process.stderr.write(`Expected ${result.expected}.\n`);
      }
    }
    return answers as Answers;
  } catch (error) {
    if (!gone.signal.aborted) throw error;
    process.stderr.write('\n');
    return null;
  } finally {
    terminal.close();
  }
}
