import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readRecording, replayRecording } from '../../src/replay/replay.ts';

const RECORDINGS = new URL('../recordings/', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'dcfabric-recording-'));
afterAll(() => rmSync(folder, { recursive: true }));

// as loose as the files that people write
// biome-ignore lint/suspicious/noExplicitAny: a recording before it is checked
type Loose = any;

/** A recording of a real kernel, changed and without what was observed. */
function changed(name: string, change: (recording: Loose) => void): string {
  const recording = JSON.parse(readFileSync(`${RECORDINGS}${name}.json`, 'utf8'));
  delete recording.observed;
  change(recording);
  return written(JSON.stringify(recording));
}

function written(text: string): string {
  const file = join(folder, 'recording.json');
  writeFileSync(file, text);
  return file;
}

describe('reading a recording', () => {
  it.each([
    ['nothing', '', 'is not JSON: '],
    ['a list', '[]', 'is a list of 0, expected a recording'],
    [
      'another format',
      '{"format": "fabric-recording/2"}',
      'format: got "fabric-recording/2", expected "fabric-recording/1"',
    ],
    ['another kind', '{"format": "fabric-recording/1", "kind": 4}', 'kind: got 4, expected "bridge" or "overlay"'],
  ])('refuses %s', (_, text, message) => {
    expect(() => readRecording(written(text))).toThrow(message);
  });

  it.each<[string, string, (recording: Loose) => void, string]>([
    [
      'an unknown host',
      'tree-0',
      (it) => (it.steps[0] = { at: 1, send: { host: 'h99', dst: 'h1' } }),
      'steps.0: there is no host h99; there are h1',
    ],
    [
      'an unknown port',
      'tree-0',
      (it) => (it.steps[0] = { at: 1, linkDown: 'b1>b99' }),
      'steps.0: there is no port b1>b99',
    ],
    [
      'two actions in a step',
      'tree-0',
      (it) => (it.steps[0] = { at: 1, linkDown: 'b1>b2', snapshot: true }),
      'steps.0: expected a time "at" and one of',
    ],
    [
      'a mistake within a step',
      'tree-0',
      (it) => (it.steps[0] = { at: 1, send: { host: 'h1', dst: 'h2', size: 3 } }),
      'steps.0.send.size: got 3, expected at least 22',
    ],
    ['two hosts of one name', 'headend-0', (it) => it.hosts.push(it.hosts[0]), 'hosts: h1 is there more than once'],
    ['two VTEPs of one address', 'headend-0', (it) => (it.vteps[1].ip = it.vteps[0].ip), 'is there more than once'],
    [
      'a group that is none',
      'group-0',
      (it) => (it.vteps[0].vnis[0].group = '10.0.0.1'),
      'vteps.0.vnis.0.group: expected a multicast group',
    ],
    [
      'a flood list with a group',
      'headend-0',
      (it) => it.vteps[0].vnis[0].flood.push('239.1.0.1'),
      'expected the address of one VTEP',
    ],
    [
      'a datagram from a host without address',
      'headend-0',
      (it) => (it.steps[0] = { at: 1, udp: { from: 'h1', to: '10.0.0.1' } }),
      'steps.0: host h1 has no ip',
    ],
    ['time without end', 'tree-0', (it) => (it.steps[0].at = 1e300), 'steps: take 1e+300 s, expected at most 86400 s'],
    [
      'frames without end',
      'tree-0',
      (it) => (it.steps[0] = { at: 1, send: { host: 'h1', dst: 'h2', count: 1e9 } }),
      'steps: send 1000000',
    ],
    ['something else than observations', 'tree-0', (it) => (it.observed = 5), 'observed: got 5, expected an object'],
  ])('refuses %s', (_, name, change, message) => {
    expect(() => readRecording(changed(name, change))).toThrow(message);
  });

  it('takes one that observed nothing yet, with keys that it does not know', () => {
    const file = changed('tree-0', (recording) => {
      recording.observed = null;
      recording.note = 'mine';
      recording.steps[0].why = 'to see';
    });
    expect(replayRecording(readRecording(file))).toMatchObject({ frames: expect.any(Array) });
  });
});

describe('a datagram to oneself', () => {
  it('is not on the wire', () => {
    const file = changed('gateway-0', (recording) => {
      const { id, ip } = recording.hosts[0];
      recording.steps = [{ at: 1, udp: { from: id, to: ip.split('/')[0] } }];
    });
    expect(replayRecording(readRecording(file))).toMatchObject({ steps: [{ seen: [] }] });
  });
});

describe('a datagram to a multicast group', () => {
  it('is flooded with a time to live of 1 and needs no ARP', () => {
    const file = changed('gateway-0', (recording) => {
      recording.steps = [{ at: 1, udp: { from: recording.hosts[0].id, to: '239.9.9.9' } }];
    });
    const { steps } = replayRecording(readRecording(file)) as Loose;
    const kinds = new Set(steps[0].seen.map(({ kind }: { kind: string }) => kind));
    expect([...kinds].sort()).toEqual(['ip', 'vxlan']);
    expect(steps[0].seen[0]).toMatchObject({
      kind: 'ip',
      dst: '01:00:5e:09:09:09',
      dip: '239.9.9.9',
      ttl: 1,
      count: 1,
    });
  });
});
