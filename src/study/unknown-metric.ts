import { didYouMean } from '../scenario/did-you-mean.ts';

/** What is said of a path that names no metric: what is meant, or else what there is. */
export function unknownMetricWords(path: string, known: readonly string[]): string {
  const head = path.split('.', 1)[0]!;
  const near = known.filter((one) => one.startsWith(`${head}.`));
  const heads = [...new Set(known.map((one) => one.split('.', 1)[0]!))];
  const meant = didYouMean(path, known);
  const there = near.length > 0 ? near.join(', ') : `paths that begin with ${heads.join(', ')}`;
  return `'${path}'${meant === '' ? ';' : meant} there are ${there}`;
}
