import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { FolderStore } from '../../src/study/folder-store.ts';
import { filesBelow } from './files-below.ts';
import { inlineBatch } from './inline-batch.ts';
import { StudyFolder } from './study-file.ts';

const folder = new StudyFolder();
const disk = join(folder.path, 'disk');
mkdirSync(disk);
// a disk in memory; only root may have one, and not everywhere
const CAN_MOUNT = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=600k', 'tmpfs', disk]).status === 0;
afterAll(() => {
  // a table that could not be begun may still be open
  if (CAN_MOUNT) spawnSync('umount', ['--lazy', disk]);
  folder.remove();
});

describe.skipIf(!CAN_MOUNT)('a batch on a disk that is full (skipped where nothing can be mounted)', () => {
  it('ends with one error, keeps what is whole, and goes on when there is room', async () => {
    const file = folder.study(
      'large',
      'fabrics: [vlan-no-stp]',
      'axes: {traffic.flowsPerVmPerSecond: [4, 5, 6, 7, 8, 9]}',
    );
    const store = new FolderStore(join(disk, 'large'));
    const error = await inlineBatch(file, () => store, '1.2.3').catch((reason: Error) => reason);
    expect(error).toMatchObject({ code: 'ENOSPC', path: expect.stringContaining('.work') });
    const there = await store.list();
    expect(there.size).toBeGreaterThan(0);
    expect(there.size).toBeLessThan(6);

    spawnSync('mount', ['-o', 'remount,size=10M', disk]);
    expect(await inlineBatch(file, () => store, '1.2.3')).toMatchObject({ done: 6 - there.size, failed: [] });
    const whole = new FolderStore(join(folder.path, 'whole/large'));
    await inlineBatch(file, () => whole, '1.2.3');
    expect(filesBelow(store.place)).toEqual(filesBelow(whole.place));
  });
});
