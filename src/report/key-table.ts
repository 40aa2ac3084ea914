import { comparisonCells } from '../comparison/comparison-cells.ts';
import type { ComparisonRow } from '../comparison/comparison-rows.ts';
import { keyFigureRows } from '../comparison/key-figures.ts';
import { meanOf, type ReplicatedResults } from '../comparison/replicated-results.ts';
import type { SvgNode } from './drawing.ts';
import type { Elements } from './elements.ts';
import { fabricClass, fabricSign } from './fabric-signs.ts';
import { fabricLine, scrolled } from './figure-elements.ts';

/** The key figures with a bar for each; on a telephone every row is a small table of its own. */
export function keyTable(h: Elements, results: ReplicatedResults): SvgNode {
  const { fabrics } = results;
  const rows = keyFigureRows(results.results);
  return scrolled(
    h,
    'Key figures',
    h(
      'table',
      { class: isStacked(results) ? 'key stacked' : 'key', id: 'key-figures' },
      h('caption', {}, fabrics.length > 1 ? `Key figures, and how each differs from ${fabrics[0]}` : 'Key figures'),
      h(
        'thead',
        { role: 'rowgroup' },
        h(
          'tr',
          { role: 'row' },
          h('td', { role: 'cell' }),
          fabrics.map((name, fabric) =>
            h('th', { scope: 'col', role: 'columnheader', class: fabricClass(fabric) }, fabricLine(h, fabric), name),
          ),
        ),
      ),
      h(
        'tbody',
        { role: 'rowgroup' },
        rows.map((row) => keyRow(h, row, results)),
      ),
    ),
  );
}

/** Fabrics whose columns have room for a value and what it differs by in one line. */
const SIDE_BY_SIDE_MAX = 4;

/** Differences stand below their values. */
function isStacked({ fabrics, seeds }: ReplicatedResults): boolean {
  return seeds.length > 1 || fabrics.length > SIDE_BY_SIDE_MAX;
}

function keyRow(h: Elements, row: ComparisonRow, results: ReplicatedResults): SvgNode {
  const { fabrics } = results;
  const means = fabrics.map((_, fabric) => meanOf(row, fabric, fabrics.length)?.mean ?? 0);
  const most = Math.max(...means);
  const barOf = (fabric: number) =>
    fabrics.length === 1 ? null : bar(h, fabric, most === 0 ? 0 : means[fabric]! / most);
  const differenceOf = (fabric: number, difference: string) =>
    fabric === 0 ? null : h('span', { class: 'difference' }, difference);
  return h(
    'tr',
    { role: 'row' },
    h('th', { scope: 'row', role: 'rowheader' }, row.label),
    comparisonCells(row, results).map(({ value, difference }, fabric) =>
      h(
        'td',
        { class: fabricClass(fabric), role: 'cell', 'data-name': fabrics.length === 1 ? null : fabrics[fabric]! },
        h('span', { class: 'value' }, value),
        isStacked(results)
          ? [barOf(fabric), differenceOf(fabric, difference)]
          : [differenceOf(fabric, difference), barOf(fabric)],
      ),
    ),
  );
}

function bar(h: Elements, fabric: number, share: number): SvgNode {
  const width = String(Number((Math.max(0, share) * 100).toFixed(2)));
  return h(
    'svg',
    { class: 'bar', viewBox: '0 0 100 5', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    h('rect', { width, height: '5', fill: fabricSign(fabric).colour }),
  );
}
