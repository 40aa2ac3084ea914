// The tree of bench/tree.ts in ns-3: hosts behind learning bridges (CSMA links, BridgeNetDevice).
//
//   apt-get install libns3-dev g++          (Debian 12: ns-3.37)
//   g++ -O3 -o ns3-csma-tree ns3-csma-tree.cc -lns3-core -lns3-network -lns3-csma -lns3-bridge
//   ./ns3-csma-tree walk LEAVES HOSTS_PER_LEAF CHAINS WARM_STEPS STEPS
//   ./ns3-csma-tree flood LEAVES HOSTS_PER_LEAF WARM_BROADCASTS BROADCASTS
//
// prints one JSON object; `cpu` is CPU nanoseconds per frame-hop. A chain's number travels as the frame's EtherType.
#include <ns3/bridge-helper.h>
#include <ns3/core-module.h>
#include <ns3/csma-helper.h>
#include <ns3/network-module.h>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <vector>
using namespace ns3;

static const uint32_t HEADER_BYTES = 14, FIRST_TYPE = 0x1000;
static std::vector<Ptr<NetDevice>> hosts;
static uint64_t hops = 0, deliveries = 0, deliveredBytes = 0;
static std::vector<uint32_t> states, left, at;

static void Crossed(Ptr<const Packet>) { hops++; }

static void Send(uint32_t from, Address to, uint32_t sizeBytes, uint32_t chain) {
  hosts[from]->Send(Create<Packet>(sizeBytes - HEADER_BYTES), to, FIRST_TYPE + chain);
}

// who gets a frame of a chain sends the next, to whom and how large follows from the chain's own chance: xorshift32
static void Step(uint32_t chain) {
  uint32_t state = states[chain];
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  states[chain] = state;
  uint32_t from = at[chain], to = state % hosts.size();
  if (to == from) to = (to + 1) % hosts.size();
  left[chain]--;
  Send(from, hosts[to]->GetAddress(), 60 + (state >> 8) % 1400, chain);
}

static bool Count(Ptr<NetDevice>, Ptr<const Packet> packet, uint16_t, const Address&) {
  deliveries++;
  deliveredBytes += packet->GetSize() + HEADER_BYTES;
  return true;
}

static bool Receive(Ptr<NetDevice> device, Ptr<const Packet> packet, uint16_t type, const Address& sender) {
  Count(device, packet, type, sender);
  uint32_t chain = type - FIRST_TYPE;
  at[chain] = device->GetNode()->GetId();
  if (left[chain] > 0) Step(chain);
  return true;
}

static void HearWith(NetDevice::ReceiveCallback callback) {
  for (auto& host : hosts) host->SetReceiveCallback(callback);
}

static void Build(uint32_t leaves, uint32_t perLeaf) {
  NodeContainer hostNodes, leafNodes, root;
  // a host's node has its number
  hostNodes.Create(leaves * perLeaf);
  leafNodes.Create(leaves);
  root.Create(1);
  CsmaHelper csma;
  csma.SetChannelAttribute("Delay", TimeValue(NanoSeconds(500)));
  csma.SetQueue("ns3::DropTailQueue<Packet>", "MaxSize", StringValue("100000p"));
  BridgeHelper bridge;
  NetDeviceContainer rootPorts;
  for (uint32_t leaf = 0; leaf < leaves; leaf++) {
    NetDeviceContainer leafPorts;
    csma.SetChannelAttribute("DataRate", DataRateValue(DataRate("25Gbps")));
    for (uint32_t i = 0; i < perLeaf; i++) {
      NetDeviceContainer ends = csma.Install(NodeContainer(hostNodes.Get(leaf * perLeaf + i), leafNodes.Get(leaf)));
      hosts.push_back(ends.Get(0));
      leafPorts.Add(ends.Get(1));
    }
    csma.SetChannelAttribute("DataRate", DataRateValue(DataRate("400Gbps")));
    NetDeviceContainer ends = csma.Install(NodeContainer(leafNodes.Get(leaf), root.Get(0)));
    leafPorts.Add(ends.Get(0));
    rootPorts.Add(ends.Get(1));
    bridge.Install(leafNodes.Get(leaf), leafPorts);
  }
  bridge.Install(root.Get(0), rootPorts);
  Config::ConnectWithoutContext("/NodeList/*/DeviceList/*/$ns3::CsmaNetDevice/PhyTxEnd", MakeCallback(&Crossed));
}

// one at a time; the run ends when nothing is under way
static void Broadcast(uint32_t first, uint32_t count) {
  for (uint32_t i = first; i < first + count; i++) {
    uint32_t host = (uint64_t)i * 7919 % hosts.size();
    Simulator::Schedule(Seconds(0), [host] { Send(host, Mac48Address::GetBroadcast(), 60, 0); });
    Simulator::Run();
  }
}

static void Walk(uint32_t steps) {
  Simulator::Schedule(Seconds(0), [steps] {
    for (uint32_t chain = 0; chain < states.size(); chain++) {
      left[chain] = steps;
      Step(chain);
    }
  });
  Simulator::Run();
}

static double CpuNs() {
  timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return time.tv_sec * 1e9 + time.tv_nsec;
}

int main(int argc, char** argv) {
  bool isWalk = argc == 7 && strcmp(argv[1], "walk") == 0;
  if (!isWalk && !(argc == 6 && strcmp(argv[1], "flood") == 0)) {
    fprintf(stderr, "ns3-csma-tree: expected walk and five numbers, or flood and four\n");
    return 1;
  }
  Build(atoi(argv[2]), atoi(argv[3]));
  HearWith(MakeCallback(&Count));
  // everybody is heard once, so that the bridges know them
  Broadcast(0, hosts.size());
  hops = deliveries = deliveredBytes = 0;
  uint64_t hopsBefore;
  double start;
  if (isWalk) {
    uint32_t chains = atoi(argv[4]);
    left.resize(chains);
    for (uint32_t chain = 0; chain < chains; chain++) {
      states.push_back((chain + 1) * 0x9e3779b9);
      at.push_back(chain % hosts.size());
    }
    HearWith(MakeCallback(&Receive));
    Walk(atoi(argv[5]));
    hopsBefore = hops;
    start = CpuNs();
    Walk(atoi(argv[6]));
  } else {
    Broadcast(0, atoi(argv[4]));
    hopsBefore = hops;
    start = CpuNs();
    Broadcast(atoi(argv[4]), atoi(argv[5]));
  }
  printf("{\"cpu\":%.3f,\"hops\":%lu,\"deliveries\":%lu,\"deliveredBytes\":%lu}\n", (CpuNs() - start) / (hops - hopsBefore),
         hops, deliveries, deliveredBytes);
  Simulator::Destroy();
}
