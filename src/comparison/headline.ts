import type { ComparedResult } from './compared-result.ts';
import { LIMIT_WORDS } from './comparison-rows.ts';
import { measuredCount, measuredDuration, measuredRatio } from './format.ts';
import { KEY_FIGURES } from './key-figures.ts';
import { listed } from './words.ts';

/** The answer in two sentences: how far fabrics are apart in tables, flooding and migration, and what went wrong where. */
export function headline(results: readonly ComparedResult[]): string[] {
  const parts = [
    rangeOf(results, 'mac-entries', { before: 'the fullest MAC table held ', noun: ' addresses' }),
    rangeOf(results, 'flooded-bytes', { before: 'floods put ', after: ' on the links' }),
    rangeOf(results, 'outage-longest', { before: 'a migrated VM was out of reach for at most ' }),
  ].filter((part) => part !== '');
  return [...(parts.length === 0 ? [] : [`${capitalized(parts.join('; '))}.`]), troubleSentence(results)];
}

interface RangeWords {
  readonly before: string;
  readonly noun?: string;
  readonly after?: string;
}

/** `held 871 (a) to 3,000 addresses (b and c)`: the least and the most, with the fabrics that had them. */
function rangeOf(
  results: readonly ComparedResult[],
  name: string,
  { before, noun = '', after = '' }: RangeWords,
): string {
  const { value, format } = KEY_FIGURES.find((figure) => figure.name === name)!;
  const known = results.flatMap((result) => {
    const number = value(result);
    return number === null ? [] : [{ fabric: result.fabric, number, shown: format(number) }];
  });
  if (known.length === 0 || known.every(({ number }) => number === 0)) return '';
  const least = known.reduce((best, one) => (one.number < best.number ? one : best)).shown;
  const most = known.reduce((best, one) => (one.number > best.number ? one : best)).shown;
  const under = (shown: string) =>
    fabricsInWords(known.filter((one) => one.shown === shown).map(({ fabric }) => fabric));
  if (results.length === 1) return `${before}${most}${noun}${after}`;
  if (least !== most) return `${before}${least} (${under(least)}) to ${most}${noun} (${under(most)})${after}`;
  const where = known.length === results.length ? 'under each fabric' : `under ${under(most)}`;
  return `${before}${most}${noun}${after} ${where}`;
}

/** Fabrics named one by one beyond this are too many for a sentence. */
const NAMED_MAX = 3;

function fabricsInWords(names: readonly string[]): string {
  return names.length > NAMED_MAX ? `${names.length} fabrics` : listed(names);
}

function troubleSentence(results: readonly ComparedResult[]): string {
  const troubles = results.map((result) => ({ fabric: result.fabric, said: troublesOf(result) }));
  const troubled = troubles.filter(({ said }) => said.length > 0);
  if (troubled.length === 0) return 'Nothing ran out, no flow failed, and every outage ended.';
  if (results.length === 1) return `What went wrong: ${listed(troubled[0]!.said)}.`;
  const groups = new Map<string, string[]>();
  for (const { fabric, said } of troubled) {
    const text = listed(said);
    groups.set(text, [...(groups.get(text) ?? []), fabric]);
  }
  const parts = [...groups].map(([text, names]) => `${text} under ${listed(names)}`);
  const rest = troubled.length < results.length ? '; nothing of the kind elsewhere' : '';
  return `What went wrong: ${parts.join('; ')}${rest}.`;
}

/** What ran out, was refused or did not end, most telling first. */
function troublesOf({ summary, warmUpNs }: ComparedResult): string[] {
  const { limits, refused, flows, migrations } = summary;
  const troubles: string[] = [];
  const [first] = limits;
  if (first !== undefined) troubles.push(`${LIMIT_WORDS[first.limit]} exhausted ${sinceWhen(first.firstNs, warmUpNs)}`);
  if (refused.vms > 0) troubles.push(counted(refused.vms, 'VM without network', 'VMs without network'));
  if (flows.failed > 0) {
    const share = measuredRatio(flows.failed / Math.max(1, flows.started));
    troubles.push(`${counted(flows.failed, 'flow', 'flows')} failed (${share})`);
  }
  const { unendedOutages } = migrations;
  if (unendedOutages > 0) {
    troubles.push(counted(unendedOutages, 'migrated VM still out of reach', 'migrated VMs still out of reach'));
  }
  return troubles;
}

function sinceWhen(firstNs: number, warmUpNs: number): string {
  if (firstNs > warmUpNs) return `after ${measuredDuration(firstNs)}`;
  return warmUpNs === 0 ? 'from the start' : 'already when the warm-up ended';
}

function counted(count: number, one: string, many: string): string {
  return `${measuredCount(count)} ${count === 1 ? one : many}`;
}

function capitalized(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
