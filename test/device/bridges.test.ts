import { describe, expect, it } from 'vitest';
import { carriedByFlood, FloodCause, Outcome } from '../../src/device/observer.ts';
import { Miss } from '../../src/protocol/mac-tables.ts';
import { seconds } from '../../src/units.ts';
import { FRAME_SHIFT, Frame } from '../../src/wire/frame-pool.ts';
import { EVERYBODY, WiredDevices } from './wired-devices.ts';

const STRANGER = '02:00:00:00:ff:ff';

/** b1 between b2 and b3, all of which know h2 behind b2; and what bridges filter, as which kind of traffic. */
function threeBridges() {
  const wired = new WiredDevices();
  const [b1, b2, b3] = [wired.addBridge('b1'), wired.addBridge('b2'), wired.addBridge('b3')];
  wired.link(b1, b2, { pvid: 0 });
  wired.link(b1, b3, { pvid: 0 });
  const h1 = wired.addHost('h1', b1, { pvid: 0 });
  const [h2] = ['h2', 'h3'].map((name) => wired.addHost(name, b2, { pvid: 0 }));
  wired.send(h2!, EVERYBODY);
  const { network, bridges } = wired.devices;
  const filtered: [node: number, carried: number][] = [];
  bridges.onFiltered = (node, frame) => {
    filtered.push([node, network.frames.words[(frame << FRAME_SHIFT) + Frame.carried]]);
  };
  return { wired, b1, b2, b3, h1, h2: h2!, filtered };
}

describe('a learning bridge (802.1D-2004, clause 7)', () => {
  it('floods what it has not learned to every port but the one it came from (7.7.1)', () => {
    const wired = new WiredDevices();
    const bridge = wired.addBridge('b1');
    const [h1] = ['h1', 'h2', 'h3'].map((name) => wired.addHost(name, bridge, { pvid: 0 }));
    expect(wired.send(h1, STRANGER)).toEqual(['h2', 'h3']);
  });

  it('forwards to the port where it has learned the station, and nowhere else (7.8)', () => {
    const wired = new WiredDevices();
    const bridge = wired.addBridge('b1');
    const [h1, h2] = ['h1', 'h2', 'h3'].map((name) => wired.addHost(name, bridge, { pvid: 0 }));
    wired.send(h2, EVERYBODY);
    expect(wired.send(h1, h2.mac)).toEqual(['h2']);
  });

  it('neither forwards nor floods a frame whose station lies behind the port it came from (7.7.1)', () => {
    const wired = new WiredDevices();
    const [b1, b2] = [wired.addBridge('b1'), wired.addBridge('b2')];
    wired.link(b1, b2, { pvid: 0 });
    const h1 = wired.addHost('h1', b1, { pvid: 0 });
    const h2 = wired.addHost('h2', b2, { pvid: 0 });
    wired.addHost('h3', b2, { pvid: 0 });
    // h1 is learned behind the link; a frame to h1 that comes over the link is not sent back
    wired.send(h1, EVERYBODY);
    expect(wired.send(h1, h1.mac)).toEqual([]);
    expect(wired.devices.network.outcomeFrames[Outcome.filtered]).toBe(1);
    expect(wired.send(h2, h1.mac)).toEqual(['h1']);
  });

  it('leaves the other copies of a flood what they are where its own goes on in another way', () => {
    const { wired, h1, h2, b1, b3, filtered } = threeBridges();
    const { bridges, servers } = wired.devices;
    // b1 floods, b2 forwards its copy, and b3 filters the one that it gets at the same time
    bridges.tables.forget(bridges.bridgeOf(b1), servers.addressOf(h2.station), Miss.moved);
    expect(wired.send(h1, h2.mac)).toEqual(['h2']);
    expect(filtered).toEqual([[b3, carriedByFlood(FloodCause.moved)]]);
  });

  it('leaves them what they are where it floods its own for another reason', () => {
    const { wired, h1, h2, b1, b2, b3, filtered } = threeBridges();
    const { bridges, servers } = wired.devices;
    for (const [bridge, miss] of [[b1, Miss.moved] as const, [b2, Miss.portFlushed] as const]) {
      bridges.tables.forget(bridges.bridgeOf(bridge), servers.addressOf(h2.station), miss);
    }
    expect(wired.send(h1, h2.mac)).toEqual(['h2', 'h3']);
    expect(filtered).toEqual([[b3, carriedByFlood(FloodCause.moved)]]);
  });

  it('follows a station that speaks from another port (7.8)', () => {
    const wired = new WiredDevices();
    const bridge = wired.addBridge('b1');
    const [h1, h2, h3] = ['h1', 'h2', 'h3'].map((name) => wired.addHost(name, bridge, { pvid: 0 }));
    wired.send(h2, EVERYBODY);
    wired.send(h3, EVERYBODY, { src: h2.mac });
    expect(wired.send(h1, h2.mac)).toEqual(['h3']);
    expect(wired.devices.bridges.tables.movedCounts[0]).toBe(1);
  });

  it('forgets a silent station after the ageing time, not before (7.9.2)', () => {
    const wired = new WiredDevices();
    const bridge = wired.addBridge('b1', { ageingTimeNs: seconds(10) });
    const [h1, h2] = ['h1', 'h2', 'h3'].map((name) => wired.addHost(name, bridge, { pvid: 0 }));
    wired.send(h2, EVERYBODY);
    wired.simulation.run(seconds(9.9));
    expect(wired.send(h1, h2.mac)).toEqual(['h2']);
    wired.simulation.run(seconds(10.1));
    expect(wired.send(h1, h2.mac)).toEqual(['h2', 'h3']);
  });

  it('forgets the stations of a port whose link goes down', () => {
    const wired = new WiredDevices();
    const bridge = wired.addBridge('b1');
    const [h1, h2] = ['h1', 'h2', 'h3'].map((name) => wired.addHost(name, bridge, { pvid: 0 }));
    wired.send(h2, EVERYBODY);
    wired.devices.setAdminUp(h2.port, false);
    wired.devices.setAdminUp(h2.port, true);
    expect(wired.send(h1, h2.mac)).toEqual(['h2', 'h3']);
  });

  it('keeps what it has when its table is full, and floods to the stations it refused', () => {
    const wired = new WiredDevices();
    const bridge = wired.addBridge('b1', { macTableCapacity: 1 });
    const [h1, h2, h3] = ['h1', 'h2', 'h3'].map((name) => wired.addHost(name, bridge, { pvid: 0 }));
    wired.send(h2, EVERYBODY);
    wired.send(h3, EVERYBODY);
    expect(wired.send(h1, h2.mac)).toEqual(['h2']);
    expect(wired.send(h1, h3.mac)).toEqual(['h2', 'h3']);
  });

  it('keeps reserved addresses to itself, and drops frames from group addresses (7.12.6)', () => {
    const wired = new WiredDevices();
    const bridge = wired.addBridge('b1');
    const [h1] = ['h1', 'h2'].map((name) => wired.addHost(name, bridge, { pvid: 0 }));
    expect(wired.send(h1, '01:80:c2:00:00:0e')).toEqual([]);
    expect(wired.send(h1, EVERYBODY, { src: '01:00:5e:00:00:01' })).toEqual([]);
    expect(wired.send(h1, EVERYBODY, { src: '00:00:00:00:00:00' })).toEqual([]);
  });
});

describe('a bridge with VLANs (802.1Q-2018, clause 8)', () => {
  it('floods inside a VLAN only, over access ports and trunks', () => {
    const wired = new WiredDevices();
    const [b1, b2] = [wired.addBridge('b1'), wired.addBridge('b2')];
    wired.link(b1, b2, { vlans: [10, 20] });
    const h1 = wired.addHost('h1', b1, { pvid: 10 });
    wired.addHost('h2', b1, { pvid: 20 });
    wired.addHost('h3', b2, { pvid: 10 });
    wired.addHost('h4', b2, { pvid: 20 });
    expect(wired.send(h1, EVERYBODY)).toEqual(['h3']);
  });

  it('does not let a VLAN over a trunk that does not carry it', () => {
    const wired = new WiredDevices();
    const [b1, b2] = [wired.addBridge('b1'), wired.addBridge('b2')];
    wired.link(b1, b2, { vlans: [20] });
    const h1 = wired.addHost('h1', b1, { pvid: 10 });
    wired.addHost('h2', b2, { pvid: 10 });
    expect(wired.send(h1, EVERYBODY)).toEqual([]);
  });

  it('drops what arrives in a VLAN that the port is no member of (8.6.2)', () => {
    const wired = new WiredDevices();
    const [b1, b2] = [wired.addBridge('b1'), wired.addBridge('b2')];
    wired.link(b1, b2, { vlans: [10] }, { vlans: [20] });
    const h1 = wired.addHost('h1', b1, { pvid: 10 });
    wired.addHost('h2', b2, { pvid: 10 });
    expect(wired.send(h1, EVERYBODY)).toEqual([]);
    expect(wired.devices.network.outcomeFrames[Outcome.dropVlanFiltered]).toBe(1);
  });

  it('learns a station in each VLAN by itself (8.8.8)', () => {
    const wired = new WiredDevices();
    const bridge = wired.addBridge('b1');
    const h1 = wired.addHost('h1', bridge, { pvid: 10 });
    const h2 = wired.addHost('h2', bridge, { pvid: 20 });
    const h3 = wired.addHost('h3', bridge, { pvid: 10 });
    wired.addHost('h4', bridge, { pvid: 20 });
    // the same address speaks in both VLANs, from different ports
    wired.send(h1, EVERYBODY, { src: STRANGER });
    wired.send(h2, EVERYBODY, { src: STRANGER });
    expect(wired.send(h3, STRANGER)).toEqual(['h1']);
    expect(wired.devices.bridges.tables.movedCounts[0]).toBe(0);
  });

  it('gives untagged frames the VLAN of the port they reach (6.9)', () => {
    const wired = new WiredDevices();
    const [b1, b2] = [wired.addBridge('b1'), wired.addBridge('b2')];
    // an access port of VLAN 10 is cabled to an access port of VLAN 20: the wire joins the two
    wired.link(b1, b2, { pvid: 10 }, { pvid: 20 });
    const h1 = wired.addHost('h1', b1, { pvid: 10 });
    const h2 = wired.addHost('h2', b2, { pvid: 20 });
    wired.addHost('h3', b2, { pvid: 10 });
    expect(wired.send(h1, EVERYBODY)).toEqual(['h2']);
    expect(wired.heard.at(-1)?.segment).toBe(20);
    expect(wired.send(h2, h1.mac)).toEqual(['h1']);
  });

  it('sends the native VLAN of a trunk untagged and the others tagged, 4 bytes longer (8.8.10)', () => {
    const wired = new WiredDevices();
    const [b1, b2] = [wired.addBridge('b1'), wired.addBridge('b2')];
    const [port] = wired.link(b1, b2, { vlans: [10, 20], pvid: 10 });
    const h1 = wired.addHost('h1', b1, { pvid: 10 });
    const h2 = wired.addHost('h2', b1, { pvid: 20 });
    const bytes = () => wired.devices.network.sentBytes(port);
    wired.send(h1, EVERYBODY);
    expect(bytes()).toBe(100);
    wired.send(h2, EVERYBODY);
    expect(bytes()).toBe(204);
  });
});
