/** The kinds of event that devices schedule. Workloads use kinds from `firstWorkload` on. */
export const EventKind = {
  /** A frame's first bit train arrives: a = port, b = frame. */
  arrival: 0,
  /** A frame between two stations of one server: a = station, b = frame. */
  localDelivery: 1,
  /** A bridge's spanning tree has a timer due: a = bridge. */
  spanningTree: 2,
  /** A bridge looks for aged entries: a = bridge. */
  macSweep: 3,
  /** A neighbour cache entry has a timer due: a = entry. */
  neighbour: 4,
  /** A tunnel looks for aged entries: a = tunnel. */
  tunnelSweep: 5,
  /** The underlay has heard of a change and routes anew. */
  underlayRouting: 6,
  /** A server looks at the links of its bond: a = bond. */
  bondMonitor: 7,
  /** BGP speakers send what has changed: a = which wait for this moment. */
  bgpProcess: 8,
  /** UPDATEs arrive: a = which. */
  bgpArrival: 9,
  /** A BGP session ends, begins, or sends its whole table: a = session, b = which of these. */
  bgpSession: 10,
  /** VTEPs enter what BGP told them into their tables: a = which wait for this moment. */
  evpnInstall: 11,
  /** A VTEP looks for local stations that have aged out: a = its tunnel. With b = an address + 1: that is a duplicate no more. */
  evpnAgeing: 12,
  /** A Join of the rendezvous point is at a source's first router: a = the source's endpoint, b = group. */
  pimJoin: 13,
  /** A Register-Stop is there: the same. */
  pimRegisterStop: 14,
  /** A source may have been silent for the keepalive time: the same. */
  pimKeepalive: 15,
  /** A VLAN may be registered at a port, or no more, or the port began or ceased to forward: a = port, b = segment or -1. */
  vlanRegistration: 16,
  /** A pair of switches that act as one has something due: a = number of the timer. */
  mlag: 20,
  /** A VTEP enters the next hops of an Ethernet segment: a = which wait for this moment. */
  ethernetSegment: 21,
  /** A leaf may let its links to Ethernet segments come up: a = the leaf. */
  segmentStartup: 22,
  /** A bridge looks for addresses of a class of VLANs that have aged out while the topology changes: a = its process. */
  fastAgeing: 23,
  /** Copies of a frame arrive at several ports: a = the row of these, b = frame. */
  arrivals: 24,
  firstWorkload: 32,
} as const;
