import { distinct, listed } from '../comparison/words.ts';
import { axisText } from './axis-scale.ts';
import type { PlanRuns } from './plan-runs.ts';
import { firstValue, lastWords, limitNames, type ToldAnswer } from './plan-words.ts';

/** The answer of a search in two sentences: the values, and what binds. */
export function planAnswer({ record, question, fabrics }: PlanRuns): string[] {
  if (record === null) return ['There is no answer yet.'];
  const answers = fabrics.flatMap((name) => record.answers.find(({ fabric }) => fabric === name) ?? []);
  return [valueSentence(answers, question), boundSentence(answers, question)];
}

function valueSentence(answers: readonly ToldAnswer[], question: PlanRuns['question']): string {
  const { goal, axis } = question;
  const found = answers.filter(({ outcome }) => outcome === 'found');
  const values = inGroups(found, ({ value }) => axisText(value));
  const all = under(answers.filter(({ outcome }) => outcome === 'all'));
  const none = under(answers.filter(({ outcome }) => outcome === 'none'));
  const torn = under(answers.filter(({ outcome }) => outcome === 'not-monotone'));
  const parts = [
    ...(found.length > 0 ? [`the ${goal} ${axis} that keeps the limits is ${listed(values)}`] : []),
    ...(all === null ? [] : [`every value ${lastWords(question)} keeps the limits ${all}`]),
    ...(none === null ? [] : [`not even ${axisText(firstValue(question))} keeps them ${none}`]),
    ...(torn === null
      ? []
      : [`there is no answer ${torn}, where limits are broken at a value and kept again beyond it`]),
  ];
  return capitalized(`${parts.join('; ')}.`);
}

function boundSentence(answers: readonly ToldAnswer[], question: PlanRuns['question']): string {
  const bound = answers.filter(({ bound: one }) => one !== null);
  if (bound.length === 0) return 'No limit binds there.';
  const first = inGroups(bound, (answer) => limitNames(answer.bound!));
  const next = inGroups(bound, (answer) => {
    return answer.next === null ? `nothing ${lastWords(question)}` : limitNames(answer.next);
  });
  return `What binds first: ${first.join(', ')}; what would bind without that: ${next.join(', ')}.`;
}

/** `18 under tree and 20 under leaf`. */
function inGroups(answers: readonly ToldAnswer[], wordsOf: (answer: ToldAnswer) => string): string[] {
  return distinct(answers.map(wordsOf)).map(
    (words) => `${words} ${under(answers.filter((answer) => wordsOf(answer) === words))}`,
  );
}

function under(answers: readonly ToldAnswer[]): string | null {
  return answers.length === 0 ? null : `under ${listed(answers.map(({ fabric }) => fabric))}`;
}

function capitalized(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
