import { describe, expect, it } from 'vitest';
import { FlowState, FlowTable } from '../../src/workload/flow-table.ts';

function start(flows: FlowTable): number {
  const slot = flows.allocate();
  flows.states[slot] = FlowState.sending;
  return slot;
}

describe('flow table', () => {
  it('finds a flow by its name until the flow ends, and not the next flow in its slot', () => {
    const flows = new FlowTable();
    const slot = start(flows);
    const name = flows.nameOf(slot);
    expect(flows.slotOf(name)).toBe(slot);
    flows.release(slot);
    expect(flows.slotOf(name)).toBe(-1);
    let reused = start(flows);
    while (reused !== slot) {
      flows.release(reused);
      reused = start(flows);
    }
    expect(flows.slotOf(name)).toBe(-1);
    expect(flows.slotOf(flows.nameOf(slot))).toBe(slot);
  });

  it('uses the slot that was given back last after all others', () => {
    const flows = new FlowTable();
    const first = start(flows);
    flows.release(first);
    const others = Array.from({ length: 1023 }, () => start(flows));
    expect(others).not.toContain(first);
    expect(start(flows)).toBe(first);
  });

  it('grows, keeps what it holds and gives every flow a slot of its own', () => {
    const flows = new FlowTable();
    const slots = Array.from({ length: 5000 }, (_, index) => {
      const slot = start(flows);
      flows.sizesBytes[slot] = index;
      return slot;
    });
    expect(flows.activeCount).toBe(5000);
    expect(new Set(slots).size).toBe(5000);
    expect(slots.map((slot) => flows.sizesBytes[slot])).toEqual(slots.map((_, index) => index));
  });
});
