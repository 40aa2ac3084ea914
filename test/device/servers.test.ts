import { expect, it } from 'vitest';
import { Outcome } from '../../src/device/observer.ts';
import { FrameKind } from '../../src/wire/ethernet.ts';
import { Frame, frameRecord } from '../../src/wire/frame-pool.ts';
import { WiredDevices } from './wired-devices.ts';

it('a frame for an address of two stations is for the last one added, whichever of them is paused', () => {
  const wired = new WiredDevices();
  const bridge = wired.addBridge('b1');
  const from = wired.addHost('h1', bridge, { pvid: 0 });
  const first = wired.addHost('h2', bridge, { pvid: 0 });
  const { servers, network } = wired.devices;
  const second = servers.addStation({
    server: servers.serverOf(first.station),
    segment: 0,
    address: servers.addressOf(first.station),
  });
  const receivers: number[] = [];
  servers.dataReceiver = (station) => {
    receivers.push(station);
    return false;
  };
  const send = () => {
    const frame = network.createFrame(FrameKind.data, 100);
    const f = frameRecord(frame);
    network.frames.words[f + Frame.segment] = 0;
    network.frames.words[f + Frame.src] = servers.addressOf(from.station);
    network.frames.words[f + Frame.dst] = servers.addressOf(second);
    servers.transmit(from.station, frame);
    wired.simulation.run(wired.simulation.nowNs + 1_000_000);
  };
  send();
  servers.setPaused(first.station, true);
  send();
  expect(receivers).toEqual([second, second]);
  servers.setPaused(second, true);
  servers.setPaused(first.station, false);
  send();
  expect(receivers).toEqual([second, second]);
  expect(network.outcomeFrames[Outcome.dropStationGone]).toBe(1);
  servers.setPaused(second, false);
  send();
  expect(receivers).toEqual([second, second, second]);
});
