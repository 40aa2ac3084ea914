import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { findRunFiles } from '../../src/explorer/run-files.ts';
import { FolderStore } from '../../src/study/folder-store.ts';
import { inlinePlan } from '../study/inline-plan.ts';
import { StudyFolder } from '../study/study-file.ts';

const folder = new StudyFolder();
afterAll(() => folder.remove());

it('runs of a study are told apart by their parameters, and come in their order', async () => {
  const lines = [
    'set: {duration: 200ms}',
    'plan:',
    '  axis: tenants.0.vmsPerSegment',
    '  from: 9',
    '  to: 10',
    '  limits: [hardware]',
  ];
  const file = folder.study('fits', ...lines);
  const storeOf = () => new FolderStore(join(folder.path, 'full'));
  await inlinePlan(file, storeOf);
  const { runs } = findRunFiles(join(folder.path, 'full')).catalogue;
  expect(runs.map(({ parameters }) => parameters)).toEqual(
    [9, 9, 10, 10].map((value) => `tenants.0.vmsPerSegment=${value}`),
  );
  const brief = () => new FolderStore(join(folder.path, 'brief'));
  await inlinePlan(file, brief, { parts: 'summary' });
  expect(() => findRunFiles(join(folder.path, 'brief'))).toThrow(
    'none of the 4 runs there can be drawn; they have no tables, as dcfabric plan --no-tables leaves them',
  );
});
