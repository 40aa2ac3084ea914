import { milliseconds } from '../../src/units.ts';
import { describeFabric } from './fabric.case.ts';
import { EVPN, FRR_EVPN } from './small-datacenter.ts';

/** Two hops of BGP and the way into the tables take 111 ms. */
const announcedNs = milliseconds(150);

describeFabric('EVPN from leaves over eBGP', EVPN, { announcedNs });
describeFabric(
  'EVPN from hypervisors over eBGP',
  { ...EVPN, vteps: 'hypervisor' },
  // four speakers, each of which takes 50 ms
  { announcedNs: milliseconds(250) },
);
describeFabric(
  'EVPN from leaves over eBGP, floods by multicast',
  { ...EVPN, replication: 'multicast' },
  { announcedNs },
);
describeFabric(
  'EVPN from leaves over route reflectors',
  { ...EVPN, evpn: { ...FRR_EVPN, sessions: 'route-reflectors' } },
  { announcedNs },
);
