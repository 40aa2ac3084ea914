import { expect, it } from 'vitest';
import { Datacenter } from '../../src/scenario/datacenter.ts';
import { parseScenario } from '../../src/scenario/read-scenario.ts';
import { heldMemory } from '../support/held-memory.ts';

function datacenterOf(vms: number): Datacenter {
  const scenario = parseScenario(
    JSON.stringify({
      duration: '10s',
      topology: { leaves: 4, spines: 2, serversPerLeaf: 40 },
      fabrics: ['vxlan-flood-learn'],
      tenants: [{ name: 'cloud', count: 5, segments: 8, totalVms: vms, totalSegments: 40 }],
      hosts: { bootStart: '5s', bootWindow: '1s' },
    }),
    'vm-memory.yaml',
  );
  const datacenter = new Datacenter(scenario, scenario.fabrics[0]!, { folder: null, version: '', digest: '' });
  datacenter.start();
  return datacenter;
}

it('a VM takes 153 bytes of typed arrays before it boots, and no objects', () => {
  // all are kept: what is collected between two looks would count as a saving
  const kept = [datacenterOf(400)];
  const held = (vms: number) => {
    const before = heldMemory();
    kept.push(datacenterOf(vms));
    const after = heldMemory();
    return { buffers: after.buffers - before.buffers, objects: after.objects - before.objects };
  };
  const few = held(20_000);
  const many = held(220_000);
  expect(kept.length).toBe(3);
  expect((many.buffers - few.buffers) / 200_000).toBeCloseTo(153, 0);
  // an object takes at least 16 bytes, beside what refers to it; what V8 compiles meanwhile takes some hundred kilobytes
  expect((many.objects - few.objects) / 200_000).toBeLessThan(12);
});
