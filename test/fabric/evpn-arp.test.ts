import { describe, expect, it } from 'vitest';
import type { EvpnSettings } from '../../src/fabric/evpn-control-plane.ts';
import { seconds } from '../../src/units.ts';
import { FrameKind, IpProtocol } from '../../src/wire/ethernet.ts';
import { EvpnLab } from './evpn-lab.ts';

const SIZE = { leaves: 4, spines: 2 };
const LEAVES = SIZE.leaves;

/** What crosses the underlay, as packets that leave leaves, and which VMs get ARP messages, because of something. */
function watch(lab: EvpnLab, act: () => void) {
  const { running } = lab;
  const uplinks = new Set(running.fabric.linkPorts.map(([leaf]) => leaf));
  const [sentBefore, gotBefore] = [running.transmissions.length, running.deliveries.length];
  act();
  running.wait(seconds(0.5));
  const deliveries = running.deliveries.slice(gotBefore);
  return {
    packets: running.transmissions
      .slice(sentBefore)
      .filter(({ port, isEncapsulated }) => isEncapsulated && uplinks.has(port)).length,
    requestsTo: deliveries.filter(({ kind }) => kind === FrameKind.arpRequest).map(({ vm }) => vm),
    repliesTo: deliveries.filter(({ kind }) => kind === FrameKind.arpReply).map(({ vm }) => vm),
  };
}

/** VM 0 asks for another VM's address, which it does not know. */
function ask(lab: EvpnLab, ip: number): void {
  const { stacks } = lab.running.devices;
  stacks.clearNeighbours(0);
  stacks.send(stacks.stackOf(0), stacks.createDatagram(stacks.stackOf(0), ip, IpProtocol.udp, 100));
}

function labWith(settings: Partial<EvpnSettings>, announced: readonly number[]): EvpnLab {
  const lab = new EvpnLab(SIZE, settings);
  for (const vm of announced) lab.garp(vm);
  lab.running.wait(seconds(2));
  return lab;
}

describe('ARP suppression, as recorded of FRR on Linux', () => {
  it('answers for a station behind another leaf; only local stations see the request', () => {
    const lab = labWith({}, [0, 2]);
    const { packets, requestsTo, repliesTo } = watch(lab, () => ask(lab, lab.running.plan.vmIp(2)));
    // the datagram
    expect(packets).toBe(1);
    expect(requestsTo).toEqual([1]);
    expect(repliesTo).toEqual([0]);
    expect(lab.controlPlane.evpn.arp.answeredRequests).toBe(1);
  });

  it('leaves the answer to a station of its own', () => {
    const lab = labWith({}, [0, 1]);
    const { packets, requestsTo, repliesTo } = watch(lab, () => ask(lab, lab.running.plan.vmIp(1)));
    expect(packets).toBe(0);
    expect(requestsTo).toEqual([1]);
    expect(repliesTo).toEqual([0]);
    expect(lab.controlPlane.evpn.arp.answeredRequests).toBe(0);
  });

  it('floods a request for an address that nobody has announced to L - 1 leaves', () => {
    const lab = labWith({}, [0]);
    const { packets, requestsTo, repliesTo } = watch(lab, () => ask(lab, lab.running.plan.vmIp(0) + 100));
    expect(packets).toBe(LEAVES - 1);
    expect(requestsTo.sort()).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(repliesTo).toEqual([]);
  });

  it.each([
    [true, false, [0, 1, 2, 3]],
    [false, true, []],
  ])('is another thing than learning: IP addresses %s, suppression %s', (learnsIpAddresses, suppressesArp, known) => {
    const lab = labWith({ learnsIpAddresses, suppressesArp }, [2]);
    expect(lab.leavesWithBindingOf(2)).toEqual(known);
    const { packets } = watch(lab, () => ask(lab, lab.running.plan.vmIp(2)));
    // nobody answers in its name: the request to each other leaf, so the answer, which comes before who asked is known, and the
    // datagram
    expect(packets).toBe(2 * (LEAVES - 1) + 1);
  });

  it('learns no binding from a reply: a host that never announced itself is asked by flooding again', () => {
    const lab = labWith({}, [0]);
    for (let i = 0; i < 2; i++) {
      const { requestsTo, repliesTo } = watch(lab, () => ask(lab, lab.running.plan.vmIp(2)));
      expect(requestsTo.sort()).toEqual([1, 2, 3, 4, 5, 6, 7]);
      expect(repliesTo).toEqual([0]);
    }
  });

  it.each([
    [true, 'frr-8.4', 0, [1]],
    [false, 'frr-8.4', LEAVES - 1, [1, 2, 3, 4, 5, 6, 7]],
    [true, 'rfc-7432', LEAVES - 1, [1, 2, 3, 4, 5, 6, 7]],
  ] as const)(
    'with suppression %s in %s: a gratuitous ARP is %i packets',
    (suppressesArp, implementation, expected, to) => {
      const lab = labWith({ suppressesArp, implementation }, [0]);
      const { packets, requestsTo } = watch(lab, () => lab.garp(0));
      expect(packets).toBe(expected);
      expect(requestsTo.sort()).toEqual(to);
    },
  );
});

describe('ARP proxies by RFC 9161', () => {
  it('learn the binding of whoever asks', () => {
    const lab = labWith({ implementation: 'rfc-7432' }, [2]);
    watch(lab, () => ask(lab, lab.running.plan.vmIp(2)));
    expect(lab.leavesWithBindingOf(0)).toEqual([0, 1, 2, 3]);
  });

  it('keep silent stations known by asking them before they age out, at no UPDATE', () => {
    const lab = labWith({ implementation: 'rfc-7432', refreshesStations: true }, [0]);
    expect(lab.updatesOf(() => {}, seconds(3600))).toBe(0);
    expect(lab.placesOf(0)).toEqual(lab.allAt(0));
    // one that is gone answers nothing, and ages out
    lab.running.devices.servers.setPaused(0, true);
    expect(lab.updatesOf(() => {}, seconds(310))).toBe(2 * SIZE.spines * LEAVES);
  });
});

describe('unknown unicast', () => {
  it('is dropped where EVPN is told to', () => {
    const lab = labWith({ unknownUnicast: 'drop' }, []);
    const flooded = labWith({}, []);
    const send = (one: EvpnLab) => watch(one, () => one.running.send(0, { to: 2 })).packets;
    expect(send(lab)).toBe(0);
    expect(send(flooded)).toBe(LEAVES - 1);
  });
});
