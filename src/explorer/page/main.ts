// The page's script: everything that is seen is drawn from the Arrow files of the runs.
import { dataSource } from './data-source.ts';
import { Explorer, showProblem } from './explorer.ts';

async function start(): Promise<void> {
  const source = dataSource(document.body.dataset.static === 'true');
  const explorer = new Explorer(source, await source.catalogue());
  await explorer.start();
}

start().catch(showProblem);
