// The whole file of a process: it does one work of the peers and prints the report of it, as the peers do.
import { tuneV8 } from '../../src/scenario/tune-v8.ts';
import type { QueueDesign } from '../event-queue.ts';
import { FloodBench } from '../flood.ts';
import { FrameHopBench } from '../frame-hops.ts';
import { cpuTimeNs } from '../support.ts';
import { TreeWalk } from '../tree-walk.ts';
import { type Counts, queueCounts, queueUnderTest, type Work, warmUp } from './work.ts';

/** Lets `run` warm up, and then times it. `operationsOf` says what the counts make of it. */
function timed(
  amount: number,
  { run, counts, done }: { run(amount: number): void; counts(): Counts; done(): number },
): Counts & { cpu: number } {
  run(warmUp(amount));
  const before = done();
  const startNs = cpuTimeNs();
  run(amount);
  const elapsedNs = cpuTimeNs() - startNs;
  return { cpu: elapsedNs / (done() - before), ...counts() };
}

function doWork(work: Work, design: QueueDesign): Counts & { cpu: number } {
  switch (work.kind) {
    case 'frame-hops': {
      const bench = new FrameHopBench(work.size);
      const done = () => bench.counts().hops;
      return timed(work.hops, { run: (hops) => void bench.run(hops), counts: () => bench.counts(), done });
    }
    case 'walk': {
      const walk = new TreeWalk(work.tree, work.chains);
      const counts = () => walk.counts();
      return timed(work.steps, { run: (steps) => walk.run(steps), counts, done: () => counts().hops });
    }
    case 'flood': {
      const bench = new FloodBench(work.tree);
      const counts = () => ({ hops: bench.hops, deliveries: bench.deliveries });
      return timed(work.broadcasts, { run: (count) => bench.broadcast(count), counts, done: () => bench.hops });
    }
    case 'queue': {
      const queue = queueUnderTest(design, work.pending);
      let popped = 0;
      const run = (operations: number) => {
        queue.run(operations);
        popped += operations;
      };
      return timed(work.operations, { run, counts: () => queueCounts(queue), done: () => popped });
    }
  }
}

tuneV8();
const [work, design = 'event queue'] = process.argv.slice(2);
console.log(JSON.stringify(doWork(JSON.parse(work!) as Work, design as QueueDesign)));
