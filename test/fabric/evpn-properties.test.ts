import fc from 'fast-check';
import { describe, it } from 'vitest';
import { milliseconds, seconds } from '../../src/units.ts';
import { EvpnLab, NOWHERE } from './evpn-lab.ts';

const LEAVES = 3;
const SPINES = 2;
const VMS = LEAVES * 2;

const vm = fc.nat(VMS - 1);
const leaf = fc.nat(LEAVES - 1);
const isUp = fc.boolean();

const step = fc.oneof(
  fc.record({ kind: fc.constant('move' as const), vm, leaf, announces: fc.boolean() }),
  fc.record({ kind: fc.constant('garp' as const), vm }),
  fc.record({ kind: fc.constant('link' as const), link: fc.nat(LEAVES * SPINES - 1), isUp }),
  fc.record({ kind: fc.constant('switch' as const), index: fc.nat(LEAVES + SPINES - 1), isUp }),
  fc.record({ kind: fc.constant('server' as const), index: fc.nat(LEAVES * 2 - 1), isUp }),
  fc.record({ kind: fc.constant('wait' as const), waitMs: fc.integer({ min: 1, max: 3000 }) }),
);

describe('EVPN, whatever happened', () => {
  it.each([
    ['ebgp', 'frr-8.4'],
    ['route-reflectors', 'rfc-7432'],
  ] as const)('leads every leaf to every station once all is quiet, %s, %s', (sessions, implementation) => {
    const property = fc.property(fc.array(step, { minLength: 1, maxLength: 25 }), (steps) => {
      const lab = new EvpnLab({ leaves: LEAVES, spines: SPINES }, { sessions, implementation });
      const { running } = lab;
      const { fabric } = running;
      const places = Array.from({ length: VMS }, (_, index) => Math.floor(index / 2));
      for (const one of steps) {
        if (one.kind === 'wait') running.wait(milliseconds(one.waitMs));
        else if (one.kind === 'garp') lab.garp(one.vm);
        else if (one.kind === 'link') fabric.setLinkUp(one.link, one.isUp);
        else if (one.kind === 'switch') fabric.setSwitchUp(one.index, one.isUp);
        else if (one.kind === 'server') fabric.setServerUp(one.index, one.isUp);
        else {
          lab.move(one.vm, one.leaf);
          places[one.vm] = one.leaf;
          if (one.announces) lab.rarp(one.vm);
        }
      }
      for (let link = 0; link < LEAVES * SPINES; link++) fabric.setLinkUp(link, true);
      for (let index = 0; index < LEAVES + SPINES; index++) fabric.setSwitchUp(index, true);
      for (let index = 0; index < LEAVES * 2; index++) fabric.setServerUp(index, true);
      running.wait(seconds(15));
      for (let one = 0; one < VMS; one++) lab.garp(one);
      running.wait(seconds(2));
      const { evpn, bgp } = lab.controlPlane;
      // a leaf without VMs of the segment does not carry it
      const carriers = [...new Set(places)].sort((a, b) => a - b);
      for (let one = 0; one < VMS; one++) {
        const expected = lab.allAt(places[one]).map((place, at) => (carriers.includes(at) ? place : NOWHERE));
        if (lab.placesOf(one).join() !== expected.join()) return false;
      }
      for (const at of carriers) {
        const others = carriers.filter((other) => other !== at);
        if (evpn.rulesOf(at).heard.floodVteps(0).join() !== others.join()) return false;
      }
      // every speaker has the routes of all, one of its own loopback or of another's aside
      return bgp.speakers.every(({ heldCount }) => Math.abs(heldCount - bgp.speakers[0].heldCount) <= 1);
    });
    fc.assert(property, { numRuns: 60 });
  });
});
