/** Arguments of a worker thread that runs a source as it is: Node 20 does not hand the main thread's loader on to workers. */
export function typeScriptLoader(): string[] {
  const loader = `import { register } from ${JSON.stringify(import.meta.resolve('tsx/esm/api'))}; register();`;
  return ['--import', `data:text/javascript,${encodeURIComponent(loader)}`];
}
