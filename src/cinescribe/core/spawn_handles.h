#pragma once

// Private: owners of what posix_spawn is told.

#include <csignal>

#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>

namespace cinescribe {

/// What happens to a child's descriptors; its stdin is empty.
struct SpawnActions {
  posix_spawn_file_actions_t value{};
  SpawnActions() {
    posix_spawn_file_actions_init(&value);
    posix_spawn_file_actions_addopen(&value, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  }
  SpawnActions(const SpawnActions&) = delete;
  SpawnActions& operator=(const SpawnActions&) = delete;
  ~SpawnActions() { posix_spawn_file_actions_destroy(&value); }
};

/// A process group of the child's own (so that all it starts can be ended with it), and no signal blocked (our own
/// threads block those that ask us to stop).
struct SpawnAttributes {
  posix_spawnattr_t value{};
  SpawnAttributes() {
    posix_spawnattr_init(&value);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&value, &none);
    posix_spawnattr_setpgroup(&value, 0);
    posix_spawnattr_setflags(&value, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
  }
  SpawnAttributes(const SpawnAttributes&) = delete;
  SpawnAttributes& operator=(const SpawnAttributes&) = delete;
  ~SpawnAttributes() { posix_spawnattr_destroy(&value); }
};

}  // namespace cinescribe
