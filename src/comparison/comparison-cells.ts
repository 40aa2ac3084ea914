import type { ComparisonRow } from './comparison-rows.ts';
import { difference, estimatedDifference, NOTHING } from './format.ts';
import { differenceOf, meanOf, type ReplicatedResults, valuesOfFabric } from './replicated-results.ts';

/** What a table shows of a quantity for one fabric. */
export interface ComparisonCell {
  readonly value: string;
  /** How it differs from the first fabric; empty for that one, and where there is nothing to compare. */
  readonly difference: string;
}

/** A row in words, fabric by fabric: of several replications, means and intervals of the differences. */
export function comparisonCells(row: ComparisonRow, { fabrics, seeds }: ReplicatedResults): ComparisonCell[] {
  const cells = seeds.length > 1 ? estimatedCells(row, fabrics.length) : singleCells(row);
  return fabrics.map((_, index) => ({
    value: cells.value(index),
    difference: index === 0 || row.isPlain === true ? '' : cells.difference(index),
  }));
}

interface Cells {
  value(index: number): string;
  difference(index: number): string;
}

function singleCells({ values, format }: ComparisonRow): Cells {
  return {
    value: (index) => shownValue(values[index] ?? null, format),
    difference: (index) => {
      const [first, value] = [values[0] ?? null, values[index] ?? null];
      return typeof first === 'string' || typeof value === 'string' ? '' : difference(first, value, format);
    },
  };
}

function estimatedCells(row: ComparisonRow, fabricCount: number): Cells {
  return {
    value: (index) => {
      const texts = valuesOfFabric(row.values, index, fabricCount).filter((value) => typeof value === 'string');
      if (texts.length > 0) return texts.every((text) => text === texts[0]) ? texts[0]! : 'varies';
      return shownValue(meanOf(row, index, fabricCount)?.mean ?? null, row.format);
    },
    difference: (index) => estimatedDifference(differenceOf(row, index, fabricCount), row.format),
  };
}

function shownValue(value: number | string | null, format: (value: number) => string): string {
  return typeof value === 'number' ? format(value) : (value ?? NOTHING);
}
