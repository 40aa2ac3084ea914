import { readVersion } from '../scenario/version.ts';
import { CellPool } from '../study/cell-pool.ts';
import { reachQueue } from '../study/cell-queue.ts';
import { storeOpener } from '../study/open-store.ts';
import { parseQueueAddress } from '../study/queue-address.ts';
import { QueueWorker } from '../study/queue-worker.ts';
import { formatCount } from '../units.ts';
import { ExitCode } from './exit-code.ts';
import type { WorkerOptions } from './options.ts';
import { writeMessage } from './output.ts';
import { poolSize } from './pool-size.ts';
import { sayOnce } from './say-once.ts';
import { stopOnSignals } from './stop-on-signals.ts';

/** Simulates the runs that a queue has, until it is told to stop. */
export async function worker(options: WorkerOptions): Promise<ExitCode> {
  const address = parseQueueAddress(options.queue, process.env);
  const version = readVersion();
  await reachQueue(address, version);
  const storeOf = await storeOpener(options.out);
  const { jobs, memoryBytes } = poolSize(options);
  const say = (text: string) => writeMessage(text, options);
  const trouble = sayOnce((reason) => say(`${address.place}: ${reason}; trying again until it is back`));
  const pool = new CellPool({ jobs, memoryBytes });
  const counts = { done: 0, failed: 0 };
  const queueWorker = new QueueWorker(address, {
    version,
    pool,
    jobs,
    storeOf,
    stallMs: options.stallMs,
    drains: options.drain === true,
    events: {
      done: ({ study, id }, wasThere) => {
        trouble.reset();
        if (!wasThere) counts.done++;
        say(`${study} ${id}: ${wasThere ? 'was there' : 'done'}`);
      },
      failed: ({ study, id }, message) => {
        counts.failed++;
        say(`${study} ${id}: failed: ${message}`);
      },
      trouble: trouble.say,
    },
  });
  const signals = stopOnSignals(() => {
    say('Interrupted: runs under way go back to the queue. Once more to end at once.');
    pool.stop();
    queueWorker.stop();
  });
  say(`Waiting for runs of version ${version} on ${address.place}, ${formatCount(jobs)} at a time.`);
  try {
    await queueWorker.run();
  } finally {
    signals.release();
    await pool.close();
  }
  say(
    `${formatCount(counts.done)} runs simulated${counts.failed > 0 ? `, ${formatCount(counts.failed)} attempts failed` : ''}.`,
  );
  return signals.interruption() ?? ExitCode.ok;
}
