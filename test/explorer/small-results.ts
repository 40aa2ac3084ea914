import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compareFabrics, type FabricResult } from '../../src/scenario/run-scenario.ts';
import { FAST_TREE, scenarioOf } from '../support/scenario-of.ts';

/** A title that would be markup, a script and an attribute, wherever it were taken for one. */
export const HOSTILE_TITLE = `</title><script>globalThis.hacked=1</script><img src=x onerror="hacked=1">'"&amp;`;

/** Results of three racks on two fabrics, in a folder of their own. */
export class SmallResults {
  readonly folder = mkdtempSync(join(tmpdir(), 'dcfabric-explorer-'));
  readonly results: readonly FabricResult[];

  constructor(changes: Record<string, unknown> = {}) {
    const fabrics = [
      { name: 'tree', kind: 'vlan-stp', spanningTree: FAST_TREE },
      { name: 'overlay', kind: 'vxlan-flood-learn' },
    ];
    this.results = compareFabrics(
      scenarioOf({ title: HOSTILE_TITLE, fabrics, trace: { floods: 2, migrations: 2 }, ...changes }),
      { outDir: this.folder },
    );
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
