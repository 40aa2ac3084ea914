import * as z from 'zod';
import { FRAME_SHIFT, Frame } from '../../wire/frame-pool.ts';
import { formatMac, parseMac } from '../../wire/mac-address.ts';
import { SECOND_NS } from '../test-frame.ts';
import { observationSchema, seconds } from './observation-schema.ts';
import type { SimulatedFacts } from './simulated-facts.ts';
import { SwitchLab, UNTAGGED } from './switch-lab.ts';

const STATIONS_MAX = 4096;

const schema = observationSchema('ovs_mac_overflow', {
  params: {
    // Open vSwitch takes no less: ovs-vswitchd.conf.db(5)
    mac_table_size: z.number().int().min(10).max(1_000_000),
    layout: z.enum(['one_port', 'two_ports']),
    pace: z.enum(['slow', 'burst']),
    gap_s: seconds,
    settle_s: seconds,
    rounds: z.number().int().min(1).max(100),
    station_counts: z.array(z.number().int().min(1).max(STATIONS_MAX)).min(1).max(100),
  },
  node: {},
  action: {},
});

type OverflowObservation = z.infer<typeof schema>;

const AGEING_NS = 300e9;
const BROADCAST = 'ff:ff:ff:ff:ff:ff';
const [FIRST_HOST, SECOND_HOST, PROBING_HOST, OBSERVER] = ['oh1', 'oh2', 'oh3', 'oh4'];
const PROBER = '02:00:00:0a:0a:03';
const STATION_FIRST = parseMac('02:00:00:0b:00:00');

/** A table that is too small: stations speak in turn, then each gets one frame; how many of these are flooded. */
export const ovsMacOverflow = { schema, problemsOf, perform };

function problemsOf({ topology, params }: OverflowObservation): string[] {
  const names = new Set(topology.nodes.map(({ name }) => name));
  const hosts = [FIRST_HOST, ...(params.layout === 'two_ports' ? [SECOND_HOST] : []), PROBING_HOST, OBSERVER];
  return hosts.filter((host) => !names.has(host)).map((host) => `topology.nodes: there is no host ${host}`);
}

function perform({ params, topology }: OverflowObservation): SimulatedFacts {
  const lab = new SwitchLab(topology, {
    bridge: {
      ageingTimeNs: AGEING_NS,
      implementation: 'ovs-3.1',
      geometry: { kind: 'cam', entries: params.mac_table_size, overflow: 'evict-fair' },
    },
  });
  const { network, bridges } = lab.devices;
  const { tables } = bridges;
  const table = [...lab.bridges.values()][0];
  const observerPort = lab.hosts.get(OBSERVER)!.uplink;
  let flooded = 0;
  network.tap = {
    sent: () => {},
    received: (port, frame) => {
      const isProbe = network.frames.words[(frame << FRAME_SHIFT) + Frame.tag] === 1;
      if (isProbe && port === observerPort) flooded++;
    },
  };
  lab.start();
  const gapNs = Math.max(1, Math.round(params.gap_s * SECOND_NS));
  const settleNs = Math.max(1, Math.round(params.settle_s * SECOND_NS));
  const stationMac = (station: number) => formatMac(STATION_FIRST + station);
  const isHeld = (station: number) => {
    const address = network.addresses.idOf(UNTAGGED, STATION_FIRST + station);
    return tables.lookUp(table, address, network.nowMs) >= 0;
  };
  const byM = params.station_counts.map((count) => {
    tables.forgetAll(table, network.nowMs);
    const [learnedBefore, evictedBefore] = [tables.learnedCounts[table], tables.evictedCounts[table]];
    const floodedPerRound: number[] = [];
    const inTable: number[] = [];
    for (let round = 0; round < params.rounds; round++) {
      for (let station = 0; station < count; station++) {
        const host = params.layout === 'two_ports' && station % 2 === 1 ? SECOND_HOST : FIRST_HOST;
        lab.send(host, { src: stationMac(station), dst: BROADCAST, id: 0 });
        lab.wait(gapNs);
      }
      lab.wait(settleNs);
      inTable.push(Array.from({ length: count }, (_, station) => station).filter(isHeld).length);
      flooded = 0;
      for (let station = 0; station < count; station++) {
        lab.send(PROBING_HOST, { src: PROBER, dst: stationMac(station), id: 1 });
        lab.wait(gapNs);
      }
      lab.wait(settleNs);
      floodedPerRound.push(flooded);
    }
    return {
      M: count,
      flooded_per_round: floodedPerRound,
      in_table_before_probe: inTable,
      evicted: tables.evictedCounts[table] - evictedBefore,
      learned: tables.learnedCounts[table] - learnedBefore,
    };
  });
  return { exact: {}, ranges: { by_M: byM } };
}
