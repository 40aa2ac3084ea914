import { writeTopology } from '../exchange/export-topology.ts';
import { Notes } from '../exchange/notes.ts';
import { readScenario } from '../scenario/read-scenario.ts';
import { ExitCode } from './exit-code.ts';
import { chooseFabrics } from './job.ts';
import type { TopologyOptions } from './options.ts';
import { writeData, writeMessage } from './output.ts';
import { writeNewFile } from './text-files.ts';

/** Writes the topology of a scenario for another tool. */
export async function exportTopology(file: string, options: TopologyOptions): Promise<ExitCode> {
  const { set, seed, to, out, image } = options;
  const scenario = readScenario(file, { overrides: set, ...(seed === undefined ? {} : { seed }) });
  const [fabric = scenario.fabrics[0]!] = options.fabric === undefined ? [] : chooseFabrics(scenario, [options.fabric]);
  const notes = new Notes();
  const text = writeTopology(scenario, to, { fabric, notes, ...(image === undefined ? {} : { image }) });
  if (out === undefined) writeData(text);
  else await writeNewFile(out, text, options);
  for (const line of notes.lines()) writeMessage(`note: ${line}`, options);
  if (out !== undefined) writeMessage(`${out}: ${scenario.name} for ${to}`, options);
  return ExitCode.ok;
}
