#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "support/scratch_folder.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cinescribe/bench/energy_meter.h"
#include "cinescribe/bench/gpu_meter.h"
#include "cinescribe/bench/pass_meter.h"
#include "cinescribe/bench/process_meter.h"
#include "cinescribe/core/thread_name.h"

namespace cinescribe::bench {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

/// Computes for this much processor time.
void burn(double seconds) {
  timespec time{};
  const auto now = [&time] {
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
  };
  const double end = now() + seconds;
  while (now() < end) {
  }
}

TEST(ThreadMeter, TellsProcessorTimeByTheNamesOfThreads) {
  ThreadMeter meter;
  meter.read();
  std::thread([&] {
    const ThreadName name("speech");
    burn(0.2);
    std::thread([] { burn(0.1); }).join();  // inherits the name; ends unseen
    meter.read();
  }).join();
  ASSERT_TRUE(meter.cpu_seconds().contains("speech"));
  EXPECT_NEAR(meter.cpu_seconds().at("speech"), 0.2, 0.05);
}

TEST(ProcessMeter, CountsTheProcessesBelowThisOne) {
  ProcessMeter meter;
  const MachineUse before = meter.read();
  ASSERT_EQ(before.processes.front().name, "cinescribe");
  EXPECT_GT(before.processes.front().resident_bytes, 1'000'000U);
  EXPECT_GE(before.processes.front().peak_bytes, before.processes.front().resident_bytes);
  const pid_t child = ::fork();
  if (child == 0) {
    burn(0.3);
    ::pause();
    ::_exit(0);
  }
  MachineUse during = meter.read();
  for (int i = 0; i < 500 && during.cpu_seconds - before.cpu_seconds < 0.25; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    during = meter.read();
  }
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  ASSERT_EQ(during.processes.size(), before.processes.size() + 1);
  EXPECT_THAT(during.processes.back().name, HasSubstr("worker"));
  EXPECT_GT(during.processes.back().resident_bytes, 0U);
  EXPECT_GE(during.cpu_seconds - before.cpu_seconds, 0.25);
  EXPECT_GE(meter.read().cpu_seconds, during.cpu_seconds - 0.02) << "the dead are not forgotten";
}

TEST(PassMeter, SeesTheMemoryThatAPassTook) {
  int samples = 0;
  PassMeter meter(nullptr, [&](const SampleRecord&) { ++samples; });
  {
    std::vector<char> block(std::size_t{200} << 20, 'x');
    EXPECT_EQ(block[block.size() / 2], 'x');
  }
  PassRecord pass;
  meter.stop(pass);
  EXPECT_GT(pass.peak_memory_bytes.at("cinescribe"), std::uint64_t{200} << 20);
  EXPECT_GT(pass.wall_seconds, 0.0);
  EXPECT_GT(pass.cpu_seconds, 0.0);
  EXPECT_GE(samples, 1);
}

class EnergyMeterTest : public testing::Test {
 protected:
  void write(const std::string& domain, const std::string& file, const std::string& text) {
    fs::create_directories(folder_ / domain);
    std::ofstream(folder_ / domain / file) << text << "\n";
  }
  void add_domain(const std::string& domain, const std::string& name, const std::string& microjoules) {
    write(domain, "name", name);
    write(domain, "max_energy_range_uj", "1000000000");
    write(domain, "energy_uj", microjoules);
  }
  test::ScratchFolder folder_;
};

TEST_F(EnergyMeterTest, AddsPackagesAndNotWhatIsInsideThem) {
  add_domain("intel-rapl:0", "package-0", "5000000");
  add_domain("intel-rapl:1", "package-1", "7000000");
  add_domain("intel-rapl:0:0", "core", "1000000");
  add_domain("intel-rapl:2", "psys", "1000000");
  add_domain("intel-rapl-mmio:0", "package-0", "5000000");
  EnergyMeter meter(nullptr, folder_.path());
  EXPECT_EQ(meter.source(), "rapl");
  write("intel-rapl:0", "energy_uj", "8000000");
  write("intel-rapl:1", "energy_uj", "8000000");
  write("intel-rapl:2", "energy_uj", "99000000");
  EXPECT_DOUBLE_EQ(meter.joules().value_or(-1.0), 4.0);
}

TEST_F(EnergyMeterTest, GoesOnWhereACounterBeginsAgain) {
  add_domain("intel-rapl:0", "package-0", "999000000");
  EnergyMeter meter(nullptr, folder_.path());
  write("intel-rapl:0", "energy_uj", "2000000");
  EXPECT_DOUBLE_EQ(meter.joules().value_or(-1.0), 3.0);
}

TEST_F(EnergyMeterTest, SaysWhyThereAreNoFigures) {
  EnergyMeter meter(nullptr, folder_ / "missing");
  EXPECT_FALSE(meter.joules().has_value());
  EXPECT_EQ(meter.source(), "");
  EXPECT_THAT(meter.why_not(), HasSubstr("no RAPL counters"));
}

TEST(GpuMeter, ReadsMemoryAndEnergyThroughTheLibrary) {
  const auto meter = GpuMeter::open(CINESCRIBE_STUB_NVML);
  ASSERT_TRUE(meter);
  EXPECT_EQ(meter->driver(), "123.45");
  EXPECT_EQ(meter->memory_bytes().at("CUDA1"), 2'000'000'000U);
  EXPECT_DOUBLE_EQ(meter->joules().value_or(-1.0), 30.0);
}

TEST(GpuMeter, IsNotThereWithoutALibrary) {
  EXPECT_FALSE(GpuMeter::open("libthere-is-no-such-thing.so"));
  EXPECT_FALSE(GpuMeter::open("libc.so.6")) << "a library without NVML's functions";
}

}  // namespace
}  // namespace cinescribe::bench
