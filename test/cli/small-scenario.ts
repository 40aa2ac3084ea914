import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Two racks with four VMs, for as long as it is told to run. */
export function smallScenario(duration: string): string {
  return `title: Two racks
duration: ${duration}
topology: {leaves: 2, spines: 1, serversPerLeaf: 2}
fabrics: [vlan-no-stp, vxlan-flood-learn]
tenants: [{name: one, vmsPerSegment: 4}]
traffic: {flowsPerVmPerSecond: 5, sizes: {fixed: 10kB}}
samples: {every: 100ms}
`;
}

/** A folder of its own for a test, and what is written into it. */
export class ScratchFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'dcfabric-cli-'));

  write(name: string, content: string): string {
    const file = join(this.path, name);
    writeFileSync(file, content);
    return file;
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
