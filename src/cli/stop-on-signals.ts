import { ExitCode } from './exit-code.ts';

const SIGNAL_EXIT_CODES = { SIGINT: ExitCode.interrupted, SIGTERM: ExitCode.terminated } as const;

/** Calls back at the first signal to stop; the second ends the process at once. */
export function stopOnSignals(stop: () => void): { interruption: () => ExitCode | null; release: () => void } {
  let interruption: ExitCode | null = null;
  const onSignal = (signal: NodeJS.Signals) => {
    const exitCode = SIGNAL_EXIT_CODES[signal as keyof typeof SIGNAL_EXIT_CODES];
    if (interruption !== null) process.exit(exitCode);
    interruption = exitCode;
    stop();
  };
  const signals = Object.keys(SIGNAL_EXIT_CODES) as (keyof typeof SIGNAL_EXIT_CODES)[];
  for (const signal of signals) process.on(signal, onSignal);
  const release = () => {
    for (const signal of signals) process.off(signal, onSignal);
  };
  return { interruption: () => interruption, release };
}
