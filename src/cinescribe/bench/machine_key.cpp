#include "cinescribe/bench/machine_key.h"

namespace cinescribe::bench {

std::string machine_key(const SessionRecord& session) {
  std::string key = session.cpu + "\n" + std::to_string(session.cores) + "\n" + std::to_string(session.memory_bytes) +
                    "\n" + session.gpu_driver + "\n" + session.version + "\n" + session.commit + "\n" +
                    session.compiler + "\n" + session.build_type + "\n" + session.build_flags;
  for (const DeviceFacts& device : session.devices) key += "\n" + device.name + " " + device.description;
  return key;
}

std::string row_key(const std::string& machine, const PassRecord& pass) {
  return machine + "\n" + pass.part + "\n" + pass.captioner + "\n" + pass.video + "\n" + pass.fingerprint + "\n" +
         pass.settings_hash;
}

}  // namespace cinescribe::bench
