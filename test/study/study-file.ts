import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Two racks with four VMs, half a second long. */
export const SMALL_SCENARIO = `title: Two racks
duration: 500ms
topology: {leaves: 2, spines: 1, serversPerLeaf: 2}
fabrics: [vlan-no-stp, vxlan-flood-learn]
tenants: [{name: one, vmsPerSegment: 4}]
hosts: {bootWindow: 100ms}
traffic: {flowsPerVmPerSecond: 5, sizes: {fixed: 10kB}}
samples: {every: 100ms}
`;

/** A folder of its own for a test, with a scenario in it. */
export class StudyFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'dcfabric-study-'));

  constructor(scenario: string = SMALL_SCENARIO) {
    this.write('small.yaml', scenario);
  }

  write(name: string, content: string): string {
    const file = join(this.path, name);
    writeFileSync(file, content);
    return file;
  }

  /** A study of the scenario, from lines of YAML. */
  study(name: string, ...lines: string[]): string {
    return this.write(`${name}.yaml`, ['scenario: small.yaml', ...lines, ''].join('\n'));
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
