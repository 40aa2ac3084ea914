import type { LabCable } from './lab-cables.ts';
import type { TopologyGraph } from './topology-graph.ts';

export interface MininetFacts {
  readonly cables: readonly LabCable[];
  /** By node of the graph. */
  readonly commands: readonly (readonly string[])[];
  /** Said in comments at the top. */
  readonly origin: readonly string[];
}

/** Mininet's traffic shaping is made for rates up to this. mininet/link.py, TCIntf.bwParamMax */
const MBIT_PER_SEC_MAX = 1000;

/** Shorter delays are less than what a machine adds by itself. */
const DELAY_NS_MIN = 100_000;

/**
 * A Mininet script: every switch and server is a host of Mininet, a network namespace, with the commands that make it
 * what it is. https://mininet.org/api/
 */
export function writeMininet(graph: TopologyGraph, { cables, commands, origin }: MininetFacts): string {
  return [
    '#!/usr/bin/env python3',
    ...origin.map((line) => `# ${line}`),
    '# Run as root with Mininet 2.3 installed: python3 FILE',
    '',
    'from mininet.cli import CLI',
    'from mininet.link import TCLink',
    'from mininet.log import setLogLevel',
    'from mininet.net import Mininet',
    '',
    '# name: what it is told once all links are there',
    'NODES = {',
    ...graph.nodes.flatMap(({ id }, index) => [
      `    ${quoted(id)}: [`,
      ...commands[index]!.map((command) => `        ${quoted(command)},`),
      '    ],',
    ]),
    '}',
    '',
    '# one end, its interface, the other end, its interface, Mbit/s, delay (None: as the machine does it)',
    'LINKS = [',
    ...graph.links.map(({ a, b, rateBitsPerSec, delayNs }, index) => {
      const ends = cables[index]!;
      const rate = rateBitsPerSec / 1e6;
      return `    (${[
        quoted(a),
        quoted(ends.a.interfaceName),
        quoted(b),
        quoted(ends.b.interfaceName),
        rate > MBIT_PER_SEC_MAX ? 'None' : String(rate),
        delayNs < DELAY_NS_MIN ? 'None' : quoted(`${delayNs / 1000}us`),
      ].join(', ')}),`;
    }),
    ']',
    '',
    '',
    'def build():',
    '    """The network, started and configured."""',
    '    net = Mininet(controller=None, link=TCLink)',
    '    for name in NODES:',
    '        net.addHost(name, ip=None)',
    '    for a, a_interface, b, b_interface, mbit_per_sec, delay in LINKS:',
    '        net.addLink(a, b, intfName1=a_interface, intfName2=b_interface, bw=mbit_per_sec, delay=delay)',
    '    net.start()',
    '    for name, commands in NODES.items():',
    '        for command in commands:',
    '            answer = net[name].cmd(command + " || echo FAILED")',
    '            if "FAILED" in answer:',
    '                print(f"{name}: {command}: {answer}")',
    '    return net',
    '',
    '',
    'if __name__ == "__main__":',
    '    setLogLevel("info")',
    '    network = build()',
    '    CLI(network)',
    '    network.stop()',
    '',
  ].join('\n');
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
