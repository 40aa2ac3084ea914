/** What somebody wants to find out, and what a first scenario has for it. */
export const FIRST_QUESTIONS = {
  tables: 'How many addresses does each switch hold under each design?',
  flooding: 'How much is flooded under each design, and whom does it reach?',
  migration: 'How long is a VM out of reach when it migrates, under each design?',
  failure: 'What does a lost spine cost under each design?',
} as const;

export type FirstQuestion = keyof typeof FIRST_QUESTIONS;

export interface FirstScenario {
  readonly question: FirstQuestion;
  readonly leaves: number;
  readonly spines: number;
  readonly serversPerLeaf: number;
  /** In all segments together. */
  readonly vms: number;
  /** Kinds, in the order in which they are compared. */
  readonly fabrics: readonly string[];
  /** How the file will be called, for the commands in its comments. */
  readonly file: string;
}

/** What `init` takes where nobody says otherwise: seconds to run on each fabric. */
export const FIRST_SCENARIO: Omit<FirstScenario, 'file'> = {
  question: 'migration',
  leaves: 4,
  spines: 2,
  serversPerLeaf: 8,
  vms: 160,
  fabrics: ['vlan-stp', 'vxlan-flood-learn'],
};

const VMS_PER_SEGMENT = 40;
const MIGRATIONS_MAX = 20;

/** A scenario to begin with, as a file with comments. */
export function firstScenarioText(scenario: FirstScenario): string {
  const { question, leaves, spines, serversPerLeaf, vms, fabrics } = scenario;
  const file = scenario.file.replaceAll(/\p{Cc}/gu, ' ');
  const segments = Math.max(1, Math.min(vms, Math.round(vms / VMS_PER_SEGMENT)));
  return [
    '# A first scenario. Every number below can be changed, here or with --set on the command line:',
    `#   dcfabric validate ${file}                        is it right, how large is it?`,
    `#   dcfabric compare ${file}                         run it on all its fabrics`,
    `#   dcfabric compare ${file} --set topology.leaves=8`,
    '# `dcfabric schema` describes every field that there is.',
    `title: ${titleOf(question)}`,
    `question: ${FIRST_QUESTIONS[question]}`,
    'seed: 1 # the same seed gives the same results to the byte',
    // a lost root of the tree is made up for after 50 s or so
    `duration: ${question === 'failure' ? '3min' : '2min'}`,
    '',
    `# ${serversPerLeaf * leaves} servers in ${leaves} racks; every leaf is cabled to every spine`,
    'topology:',
    `  leaves: ${leaves}`,
    `  spines: ${spines}`,
    `  serversPerLeaf: ${serversPerLeaf}`,
    '',
    '# the designs; each gets the same VMs, migrations, failures and draws of flows, and is compared with the first',
    'fabrics:',
    ...fabrics.map((kind) => `  - ${kind}`),
    '',
    `# who owns the VMs: a tenant with ${segments === 1 ? 'one segment' : `${segments} segments`}, each a VLAN or a VNI`,
    'tenants:',
    `  - { name: web, segments: ${segments}, totalVms: ${vms} }`,
    '',
    '# a spanning tree with the default times forwards after 30 s and is quiet after 65 s: VMs boot then',
    'hosts: { bootStart: 70s, bootWindow: 5s }',
    '',
    'traffic:',
    '  sizes: web-search # how large flows are',
    '  flowsPerVmPerSecond: 0.1',
    '  flowRate: 1Gbps',
    '  peersPerVm: 5',
    ...QUESTION_PARTS[question](scenario),
    '',
  ].join('\n');
}

function titleOf(question: FirstQuestion): string {
  return { tables: 'MAC tables', flooding: 'Flooding', migration: 'Migrations', failure: 'A lost spine' }[question];
}

/** What each question adds. */
const QUESTION_PARTS: Record<FirstQuestion, (scenario: FirstScenario) => string[]> = {
  tables: () => ['', '# how often table sizes are written down', 'samples: { every: 1s }'],
  flooding: () => [
    '  silentVms: 0.1 # they answer, but say nothing by themselves: frames to them are flooded once tables forget them',
    '',
    '# how often counters are written down',
    'samples: { every: 1s }',
  ],
  migration: ({ vms }) => [
    '',
    '# VMs that move to another server while they run: memory is copied until what is left fits in a short pause',
    'migrations:',
    `  random: { count: ${Math.min(MIGRATIONS_MAX, vms)}, start: 80s, end: 110s }`,
    '  memory: 1GiB',
    '  dirtyRate: 500Mbps',
    '  bandwidth: 10Gbps',
    '  announce: rarp # how the new place is told: rarp, garp, both or none',
  ],
  failure: ({ spines }) => [
    '',
    '# what fails, for good; with `restoreAfter: 20s` it comes back',
    'failures:',
    spines === 1 ? '  - { at: 90s, link: leaf1-spine1 }' : '  - { at: 90s, switch: spine1 }',
  ],
};
