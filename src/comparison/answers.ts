import type { ComparedResult } from './compared-result.ts';
import { floodedRatio } from './comparison-rows.ts';
import { measuredCount, measuredDuration, measuredRatio, measuredSize } from './format.ts';
import { listed } from './words.ts';

/** What the numbers say about tables, flooding and migration: a short paragraph for each of the three. */
export function answersInWords(results: readonly ComparedResult[]): string[] {
  const tables = [tablesSentence(results), refusalsSentence(results)].filter((sentence) => sentence !== '').join(' ');
  return [tables, floodingSentence(results), migrationSentence(results)].filter((sentence) => sentence !== '');
}

function tablesSentence(results: readonly ComparedResult[]): string {
  const tiers = ['core', 'super-spine', 'aggregation', 'spine', 'border', 'leaf', 'access', 'edge', 'server'].filter(
    (tier) => results.some((result) => tablesOf(result, tier).length > 0),
  );
  const parts = tiers.map((tier, index) => {
    const held = eachFabric(results, (result) => entriesInWords(result, tier));
    return index === 0 ? `A ${tier} learned at most this many MACs: ${held}` : `a ${tier}: ${held}`;
  });
  return parts.length === 0 ? 'No fabric has a MAC table.' : `${parts.join('; ')}.`;
}

const TABLES_IN_WORDS: Readonly<Record<string, string>> = {
  tunnel: ' in the VTEP table',
  dci_tunnel: ' in that of other sites',
};

/** `3,000 and 2,700 in the VTEP table`: a switch that is a VTEP learns remote addresses in both of its tables. */
function entriesInWords(result: ComparedResult, tier: string): string {
  const tables = tablesOf(result, tier);
  if (tables.length === 0) return 'none';
  return tables
    .map(({ kind, entriesMax }) => `${measuredCount(entriesMax)}${TABLES_IN_WORDS[kind] ?? ''}`)
    .join(' and ');
}

function tablesOf({ summary }: ComparedResult, tier: string) {
  return summary.macTables.filter((one) => one.tier === tier);
}

function refusalsSentence(results: readonly ComparedResult[]): string {
  const refused = ({ summary }: ComparedResult) => summary.macTables.reduce((sum, one) => sum + one.refused, 0);
  if (results.every((result) => refused(result) === 0)) return '';
  return `Full tables refused to learn: ${eachFabric(results, (result) => times(refused(result)))}.`;
}

function floodingSentence(results: readonly ComparedResult[]): string {
  const flooded = eachFabric(results, (result) => {
    const ratio = floodedRatio(result);
    if (ratio === null) return 'nothing';
    return `${measuredSize(result.summary.flooding.floodedBytes)} (${measuredRatio(ratio)} of all bytes)`;
  });
  const useless = eachFabric(results, ({ summary }) => measuredCount(summary.flooding.uselessFrames));
  return `Flooded on the links: ${flooded}. Frames that servers took in for nothing: ${useless}.`;
}

function migrationSentence(results: readonly ComparedResult[]): string {
  if (results.every(({ summary }) => summary.migrations.outages === 0)) return '';
  const outage = eachFabric(results, ({ summary: { migrations } }) => {
    const { outageNsP50, outageNsMax, unendedOutages, lostFrames } = migrations;
    if (outageNsP50 === null || outageNsMax === null) return 'an unknown time';
    const lost = lostFrames === 1 ? '1 frame' : `${measuredCount(lostFrames)} frames`;
    const longest = measuredDuration(outageNsMax);
    const limit = unendedOutages === 0 ? `at most ${longest}` : `up to ${longest} and more`;
    return `${measuredDuration(outageNsP50)} (${limit}, ${lost} lost)`;
  });
  return `A migrated VM was out of reach for a median of ${outage}.`;
}

/** `3,000 under vlan-stp, none under vxlan-a and vxlan-b`: fabrics of which the same is said are named together. */
function eachFabric(results: readonly ComparedResult[], say: (result: ComparedResult) => string): string {
  if (results.length === 1) return say(results[0]!);
  const fabrics = new Map<string, string[]>();
  for (const result of results) {
    const said = say(result);
    fabrics.set(said, [...(fabrics.get(said) ?? []), result.fabric]);
  }
  return [...fabrics].map(([said, names]) => `${said} under ${listed(names)}`).join(', ');
}

function times(count: number): string {
  return count === 1 ? 'once' : `${measuredCount(count)} times`;
}
