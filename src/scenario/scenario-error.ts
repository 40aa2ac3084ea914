/** One thing that is wrong with a scenario, and where. */
export interface ScenarioProblem {
  /** The file as it was named, or `--set` for an override. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** Keys and indexes joined by dots, as `--set` takes them: `topology.leaves`; empty for the whole file. */
  readonly path: string;
  /** What was given and what would do. */
  readonly message: string;
  /** The line that `line` names, or empty. */
  readonly sourceLine: string;
}

const PROBLEMS_SHOWN_MAX = 50;

/** Everything that keeps a scenario from running; the message shows each problem with its source line and a caret. */
export class ScenarioError extends Error {
  readonly problems: readonly ScenarioProblem[];

  constructor(problems: readonly ScenarioProblem[]) {
    const shown = problems.slice(0, PROBLEMS_SHOWN_MAX).map(formatProblem);
    const hiddenCount = problems.length - shown.length;
    if (hiddenCount > 0) shown.push(`… and ${hiddenCount} more problems`);
    super(shown.join('\n'));
    this.name = 'ScenarioError';
    this.problems = problems;
  }
}

/** `file:line:column: path: message`, then the source line with a caret under the column. */
function formatProblem({ file, line, column, path, message, sourceLine }: ScenarioProblem): string {
  const head = printable(`${file}:${line}:${column}: ${path === '' ? '' : `${path}: `}${message}`);
  if (sourceLine.trim() === '') return head;
  const { text, caretColumn } = window(sourceLine, column);
  const number = String(line).padStart(5);
  // tabs stay tabs, so that the caret lines up however wide they are shown
  const indent = text.slice(0, caretColumn - 1).replaceAll(/[^\t]/g, ' ');
  return `${head}\n${number} | ${printable(text)}\n${' '.repeat(number.length)} | ${indent}^`;
}

/** The part of a line that fits on a screen, around the column. */
function window(sourceLine: string, column: number): { text: string; caretColumn: number } {
  const start = column > 100 ? column - 50 : 0;
  return { text: sourceLine.slice(start, start + 120), caretColumn: column - start };
}

/** Control characters, with which a file could steer the terminal, become a sign each. Tabs and line breaks may stay. */
function printable(text: string): string {
  return text.replaceAll(/[^\P{Cc}\t\n]/gu, '\u{fffd}');
}
