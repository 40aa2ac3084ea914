import { formatCount } from '../units.ts';
import type { SvgNode } from './drawing.ts';
import type { Elements } from './elements.ts';
import { pageHead, warmUpFact } from './page-sections.ts';
import type { StudyFacts } from './study-runs.ts';

/** The head of a page about a study: `about` says what of it. */
export function studyHead(
  h: Elements,
  {
    facts,
    kicker,
    about,
    fabrics,
    runs,
  }: {
    facts: StudyFacts;
    kicker: string;
    about: string;
    fabrics: readonly string[];
    runs: Parameters<typeof warmUpFact>[0];
  },
): SvgNode {
  const { name, title, question, seeds, version } = facts;
  return pageHead(h, {
    kicker,
    title: title === '' ? name : title,
    question,
    facts: [
      about,
      fabrics.length === 1 ? `fabric ${fabrics[0]}` : `${fabrics.length} fabrics`,
      seeds.length === 1 ? `seed ${seeds[0]}` : `${seeds.length} seeds`,
      `${formatCount(runs.length)} runs`,
      warmUpFact(runs),
      `dcfabric ${version}`,
    ],
  });
}
