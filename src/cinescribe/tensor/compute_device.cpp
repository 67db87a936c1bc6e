#include "cinescribe/tensor/compute_device.h"

#include <algorithm>
#include <cctype>
#include <thread>
#include <utility>

#include "cinescribe/core/pulse.h"
#include "cinescribe/tensor/backends.h"
#include "cinescribe/tensor/ggml_handles.h"

namespace cinescribe::tensor {

namespace {

/// The CPU backend is a module of its own, so its thread pool functions are found by name.
struct CpuFunctions {
  decltype(&ggml_threadpool_params_default) default_params = &ggml_threadpool_params_default;
  ggml_threadpool* (*pool_new)(ggml_threadpool_params*) = nullptr;
  void (*pool_free)(ggml_threadpool*) = nullptr;
  void (*set_pool)(ggml_backend*, ggml_threadpool*) = nullptr;
  void (*set_threads)(ggml_backend*, int) = nullptr;

  explicit CpuFunctions(ggml_backend_reg* registry) {
    const auto find = [registry](const char* name) { return ggml_backend_reg_get_proc_address(registry, name); };
    pool_new = reinterpret_cast<decltype(pool_new)>(find("ggml_threadpool_new"));
    pool_free = reinterpret_cast<decltype(pool_free)>(find("ggml_threadpool_free"));
    set_pool = reinterpret_cast<decltype(set_pool)>(find("ggml_backend_cpu_set_threadpool"));
    set_threads = reinterpret_cast<decltype(set_threads)>(find("ggml_backend_set_n_threads"));
  }
  [[nodiscard]] bool is_complete() const {
    return pool_new != nullptr && pool_free != nullptr && set_pool != nullptr && set_threads != nullptr;
  }
};

/// "cuda:0" and "CUDA0" name the same device.
std::string normalized(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c != ':') out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return out;
}

ggml_backend_dev_t find_device(const std::string& name) {
  for (std::size_t i = 0; i < ggml_backend_dev_count(); ++i) {
    ggml_backend_dev_t device = ggml_backend_dev_get(i);
    if (normalized(ggml_backend_dev_name(device)) == normalized(name)) return device;
  }
  return nullptr;
}

Error no_such_device(const std::string& name) {
  std::string known;
  for (const Device& device : devices()) known += (known.empty() ? "" : ", ") + device.name;
  return {ErrorCode::kResource, "no device '" + name + "' here; there are: " + known};
}

}  // namespace

struct ComputeDevice::State {
  std::string name;
  // Destroyed in reverse order: the scheduler before the backends, the pool last.
  struct PoolOwner {
    ggml_threadpool* pool = nullptr;
    void (*release)(ggml_threadpool*) = nullptr;
    PoolOwner() = default;
    PoolOwner(const PoolOwner&) = delete;
    PoolOwner& operator=(const PoolOwner&) = delete;
    ~PoolOwner() {
      if (pool != nullptr) release(pool);
    }
  } pool;
  Backend cpu;
  Backend accelerator;
  Sched sched;
  std::size_t sched_nodes = 0;

  [[nodiscard]] ggml_backend* main() const { return accelerator ? accelerator.get() : cpu.get(); }

  Status prepare_sched(std::size_t max_nodes) {
    if (sched && sched_nodes >= max_nodes) return {};
    std::vector<ggml_backend_t> order;
    if (accelerator) order.push_back(accelerator.get());
    order.push_back(cpu.get());
    sched.reset(ggml_backend_sched_new(order.data(), nullptr, static_cast<int>(order.size()), max_nodes, false, false));
    sched_nodes = max_nodes;
    if (!sched) return Error{ErrorCode::kResource, "cannot create a computation on " + name + ": out of memory"};
    return {};
  }
};

ComputeDevice::ComputeDevice(std::unique_ptr<State> state) : state_(std::move(state)) {}
ComputeDevice::~ComputeDevice() = default;

ggml_backend* ComputeDevice::backend() const { return state_->main(); }
const std::string& ComputeDevice::name() const { return state_->name; }
bool ComputeDevice::is_cpu() const { return !state_->accelerator; }

std::vector<ggml_backend_buffer_type*> ComputeDevice::product_memory() const {
  if (!is_cpu()) return {};
  ggml_backend_dev_t cpu = ggml_backend_get_device(state_->cpu.get());
  void* found =
      ggml_backend_reg_get_proc_address(ggml_backend_dev_backend_reg(cpu), "ggml_backend_dev_get_extra_bufts");
  if (found == nullptr) return {};
  std::vector<ggml_backend_buffer_type*> out;
  for (auto* next = reinterpret_cast<ggml_backend_dev_get_extra_bufts_t>(found)(cpu);
       next != nullptr && *next != nullptr; ++next) {
    out.push_back(*next);
  }
  return out;
}

ggml_backend_buffer_type* ComputeDevice::memory_of_product(ggml_tensor* matrix) const {
  for (ggml_backend_buffer_type* memory : product_memory()) {
    if (takes_product(memory, matrix)) return memory;
  }
  return nullptr;
}

bool ComputeDevice::takes_product(ggml_backend_buffer_type* memory, ggml_tensor* matrix) const {
  ggml_init_params params{};
  params.mem_size = 4 * ggml_tensor_overhead();
  params.no_alloc = true;
  const GgmlContext context(ggml_init(params));
  const BackendBuffer nothing(ggml_backend_buft_alloc_buffer(memory, 0));
  if (!context || !nothing) return false;
  constexpr std::int64_t kColumns = 512;  // many, as in encoders
  ggml_tensor* product =
      ggml_mul_mat(context.get(), matrix, ggml_new_tensor_2d(context.get(), GGML_TYPE_F32, matrix->ne[0], kColumns));
  matrix->buffer = nothing.get();  // the question is asked of a product whose left side lies there
  const bool is_taken = ggml_backend_dev_supports_op(ggml_backend_get_device(state_->cpu.get()), product);
  matrix->buffer = nullptr;
  return is_taken;
}

Result<std::unique_ptr<ComputeDevice>> ComputeDevice::open(const std::string& name, int threads) {
  CINESCRIBE_TRY(load_backends());
  auto state = std::make_unique<State>();
  state->name = name;
  ggml_backend_dev_t cpu = ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_CPU);
  if (cpu == nullptr)
    return Error{ErrorCode::kResource, "ggml's CPU kernels are missing beside libggml; install again"};
  state->cpu.reset(ggml_backend_dev_init(cpu, nullptr));
  const CpuFunctions functions(ggml_backend_dev_backend_reg(cpu));
  if (!state->cpu || !functions.is_complete()) {
    return Error{ErrorCode::kInternal, "ggml's CPU backend lacks its thread functions"};
  }
  const int hardware = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  ggml_threadpool_params params = functions.default_params(threads > 0 ? threads : hardware);
  params.poll = 0;  // engines share the cores: whoever waits must not spin
  state->pool.release = functions.pool_free;
  state->pool.pool = functions.pool_new(&params);
  if (state->pool.pool == nullptr) return Error{ErrorCode::kResource, "cannot start the threads of the CPU backend"};
  functions.set_threads(state->cpu.get(), params.n_threads);
  functions.set_pool(state->cpu.get(), state->pool.pool);

  if (normalized(name) != "cpu") {
    ggml_backend_dev_t device = find_device(name);
    if (device == nullptr) return no_such_device(name);
    if (device != cpu) {
      state->accelerator.reset(ggml_backend_dev_init(device, nullptr));
      if (!state->accelerator) return Error{ErrorCode::kResource, "the device '" + name + "' cannot be opened"};
    }
  }
  return std::unique_ptr<ComputeDevice>(new ComputeDevice(std::move(state)));
}

Status ComputeDevice::run(std::size_t max_nodes, const std::function<std::vector<ggml_tensor*>(ggml_context*)>& build,
                          const std::function<void()>& fill, const std::function<void()>& read) {
  CINESCRIBE_TRY(state_->prepare_sched(max_nodes));
  ggml_init_params params{};
  params.mem_size = ggml_tensor_overhead() * max_nodes + ggml_graph_overhead_custom(max_nodes, false);
  params.no_alloc = true;
  const GgmlContext context(ggml_init(params));
  if (!context) return Error{ErrorCode::kResource, "cannot build a computation: out of memory"};
  ggml_cgraph* graph = ggml_new_graph_custom(context.get(), max_nodes, false);
  for (ggml_tensor* output : build(context.get())) {
    ggml_set_output(output);
    if (output->view_src != nullptr) ggml_set_output(output->view_src);  // whose memory the view shows
    ggml_build_forward_expand(graph, output);
  }
  ggml_backend_sched_reset(state_->sched.get());
  if (!ggml_backend_sched_alloc_graph(state_->sched.get(), graph)) {
    return Error{ErrorCode::kResource, "out of memory on " + state_->name + "; use a smaller batch or model"};
  }
  fill();
  if (ggml_backend_sched_graph_compute(state_->sched.get(), graph) != GGML_STATUS_SUCCESS) {
    return Error{ErrorCode::kInternal, "the computation on " + state_->name + " failed"};
  }
  count_step();
  read();
  return {};
}

}  // namespace cinescribe::tensor
