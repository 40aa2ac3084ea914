// A peer of frame-hops: hosts behind learning bridges in ns-3 (CSMA links, BridgeNetDevice), each host answering others.
//
//   apt-get install libns3-dev g++          (Debian 12: ns-3.37)
//   g++ -O3 -o ns3-csma-tree ns3-csma-tree.cc -lns3-core -lns3-network -lns3-csma -lns3-bridge
//   ./ns3-csma-tree LEAVES HOSTS_PER_LEAF IN_FLIGHT SIMULATED_US
//
// prints {"cpu": CPU nanoseconds per frame-hop, "hops": ...}; a frame crosses 2 links to a host of its own leaf, 4 else.
#include <ns3/bridge-helper.h>
#include <ns3/core-module.h>
#include <ns3/csma-helper.h>
#include <ns3/network-module.h>
#include <cstdio>
#include <ctime>
#include <vector>
using namespace ns3;

static std::vector<Ptr<NetDevice>> hosts;
static uint64_t hops = 0;
static uint32_t state = 0x9e3779b9u;
static uint32_t Random() { state ^= state << 13; state ^= state >> 17; state ^= state << 5; return state; }
static void Crossed(Ptr<const Packet>) { hops++; }

static void Send(uint32_t from, Address to) { hosts[from]->Send(Create<Packet>(46 + Random() % 1400), to, 0x88b5); }

static Address OtherThan(uint32_t host) {
  uint32_t other = Random() % hosts.size();
  return hosts[other == host ? (other + 1) % hosts.size() : other]->GetAddress();
}

static bool Receive(Ptr<NetDevice> device, Ptr<const Packet>, uint16_t, const Address& sender) {
  uint32_t host = device->GetNode()->GetId();
  Send(host, Random() & 1 ? sender : OtherThan(host));
  return true;
}

static double CpuNs() { timespec t; clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t); return t.tv_sec * 1e9 + t.tv_nsec; }

int main(int argc, char** argv) {
  uint32_t leaves = argc > 1 ? atoi(argv[1]) : 4, perLeaf = argc > 2 ? atoi(argv[2]) : 25;
  uint32_t inFlight = argc > 3 ? atoi(argv[3]) : 100;
  double simulatedUs = argc > 4 ? atof(argv[4]) : 20000;
  NodeContainer hostNodes, leafNodes, spine;
  hostNodes.Create(leaves * perLeaf);
  leafNodes.Create(leaves);
  spine.Create(1);
  CsmaHelper csma;
  csma.SetChannelAttribute("Delay", TimeValue(NanoSeconds(500)));
  BridgeHelper bridge;
  NetDeviceContainer spinePorts;
  for (uint32_t leaf = 0; leaf < leaves; leaf++) {
    NetDeviceContainer leafPorts;
    csma.SetChannelAttribute("DataRate", DataRateValue(DataRate("25Gbps")));
    for (uint32_t i = 0; i < perLeaf; i++) {
      NetDeviceContainer ends = csma.Install(NodeContainer(hostNodes.Get(leaf * perLeaf + i), leafNodes.Get(leaf)));
      hosts.push_back(ends.Get(0));
      leafPorts.Add(ends.Get(1));
    }
    csma.SetChannelAttribute("DataRate", DataRateValue(DataRate("400Gbps")));
    NetDeviceContainer ends = csma.Install(NodeContainer(leafNodes.Get(leaf), spine.Get(0)));
    leafPorts.Add(ends.Get(0));
    spinePorts.Add(ends.Get(1));
    bridge.Install(leafNodes.Get(leaf), leafPorts);
  }
  bridge.Install(spine.Get(0), spinePorts);
  for (auto& host : hosts) host->SetReceiveCallback(MakeCallback(&Receive));
  Config::ConnectWithoutContext("/NodeList/*/DeviceList/*/$ns3::CsmaNetDevice/PhyTxEnd", MakeCallback(&Crossed));
  // everybody is heard once, so that the bridges know them
  for (uint32_t host = 0; host < hosts.size(); host++) {
    Simulator::Schedule(MicroSeconds(10 * host), [host] {
      hosts[host]->Send(Create<Packet>(46), Mac48Address("01:00:5e:00:00:01"), 0x88b5);
    });
  }
  // what hosts answer to that is traffic already; it is cut down to what was asked for
  for (auto& host : hosts) host->SetReceiveCallback([](Ptr<NetDevice>, Ptr<const Packet>, uint16_t, const Address&) { return true; });
  Time start = MicroSeconds(10 * hosts.size() + 1000);
  Simulator::Schedule(start, [inFlight] {
    for (auto& host : hosts) host->SetReceiveCallback(MakeCallback(&Receive));
    for (uint32_t i = 0; i < inFlight; i++) {
      uint32_t host = Random() % hosts.size();
      Send(host, OtherThan(host));
    }
  });
  Simulator::Stop(start + MicroSeconds(simulatedUs / 10));
  Simulator::Run();
  uint64_t hopsBefore = hops;
  double before = CpuNs();
  Simulator::Stop(MicroSeconds(simulatedUs));
  Simulator::Run();
  printf("{\"cpu\":%.0f,\"hops\":%lu}\n", (CpuNs() - before) / (hops - hopsBefore), hops - hopsBefore);
  Simulator::Destroy();
}
