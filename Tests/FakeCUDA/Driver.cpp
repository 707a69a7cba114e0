// NVIDIA's driver and run-time compiler, as far as posetop calls them, over the host's memory.
#include "FakeCUDA.h"

#include "../../Sources/CNVIDIA/nvidia.h"
#include "Shim.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

using fakecuda::Extent;
using fakecuda::Kernel;

// The opaque types of the driver's interface, as they are here.
struct CUctx_st {};
struct CUmod_st {
  const std::vector<Kernel> *kernels;
};
struct CUfunc_st {
  const Kernel *kernel;
};
struct CUgraph_st {
  std::vector<std::function<int()>> steps;
};
struct CUgraphExec_st {
  std::vector<std::function<int()>> steps;
};
struct CUstream_st {
  std::unique_ptr<CUgraph_st> capture;
};
struct CUevent_st {
  std::chrono::steady_clock::time_point time;
  bool isRecorded = false;
};
struct _nvrtcProgram {
  std::string source, cubin, log;
};

namespace {

// Codes of the driver.
enum {
  invalidValue = 1,
  notInitialized = 3,
  invalidDevice = 101,
  invalidImage = 200,
  invalidContext = 201,
  invalidHandle = 400,
  notFound = 500,
  launchOutOfResources = 701,
  launchFailed = 719,
  captureUnsupported = 900,
};

struct Failure {
  int nth, code;
};

struct Settings {
  size_t memory = size_t{16} << 30;
  int count = 1, major = 9, minor = 0, multiprocessors = 132, version = 13000;
  std::map<std::string, Failure> failures;
  std::map<std::string, int> calls;
  std::string log;
};

std::recursive_mutex lock;
Settings settings;
std::string logCopy;
std::map<uintptr_t, size_t> blocks;
size_t allocated = 0;
bool isInitialized = false;
CUctx_st context;
thread_local bool hasContext = false;
// The stream of a null handle.
CUstream_st defaultStream;
std::map<const Kernel *, std::unique_ptr<CUfunc_st>> functions;

using Guard = std::lock_guard<std::recursive_mutex>;

void note(const std::string &line) { settings.log += line + "\n"; }

/// Counts a call and says with what code it fails, if it has to.
int enter(const char *function) {
  int nth = ++settings.calls[function];
  auto failure = settings.failures.find(function);
  if (failure == settings.failures.end()) return 0;
  return failure->second.nth == 0 || failure->second.nth == nth ? failure->second.code : 0;
}

/// What every function begins with: one call at a time, a line of the log, failures as told.
#define ENTER(line)                                   \
  Guard guard(lock);                                  \
  note(line);                                         \
  if (int code = enter(__func__)) return code

#define ENTER_WITH_CONTEXT(line)                      \
  ENTER(line);                                        \
  if (!isInitialized) return notInitialized;          \
  if (!hasContext) return invalidContext

bool isDeviceRange(CUdeviceptr address, size_t bytes) {
  auto next = blocks.upper_bound(static_cast<uintptr_t>(address));
  if (next == blocks.begin()) return false;
  auto block = std::prev(next);
  return address + bytes <= block->first + block->second;
}

std::string sized(const char *name, size_t bytes) { return std::string(name) + " " + std::to_string(bytes); }

/// Does a step now, or keeps it while the stream is captured.
int enqueue(CUstream stream, std::function<int()> step) {
  CUstream_st &target = stream ? *stream : defaultStream;
  if (target.capture) {
    target.capture->steps.push_back(std::move(step));
    return 0;
  }
  return step();
}

bool isCapturing(CUstream stream) { return (stream ? *stream : defaultStream).capture != nullptr; }

void *at(CUdeviceptr address) { return reinterpret_cast<void *>(static_cast<uintptr_t>(address)); }

/// For whole programs: `FAKECUDA_FAIL_ONCE` is "FUNCTION NTH CODE FILE". The file is made by the process that
/// fails, so that those after it do not.
void failOnceAsTold() {
  const char *told = getenv("FAKECUDA_FAIL_ONCE");
  char function[64], file[512];
  int nth = 0, code = 0;
  if (!told || sscanf(told, "%63s %d %d %511s", function, &nth, &code, file) != 4) return;
  if (FILE *known = fopen(file, "r")) {
    fclose(known);
  } else if (FILE *made = fopen(file, "w")) {
    fclose(made);
    settings.failures[function] = {nth, code};
  }
}

std::string text(Extent e) {
  return std::to_string(e.x) + "x" + std::to_string(e.y) + "x" + std::to_string(e.z);
}

}  // namespace

// The driver and the compiler under their own names: the tests' shared library is loaded in their place.
extern "C" {

int cuInit(unsigned) {
  ENTER("cuInit");
  failOnceAsTold();
  isInitialized = true;
  return settings.count == 0 ? CUDA_ERROR_NO_DEVICE : 0;
}
int cuDriverGetVersion(int *version) {
  ENTER("cuDriverGetVersion");
  *version = settings.version;
  return 0;
}
int cuDeviceGetCount(int *count) {
  ENTER("cuDeviceGetCount");
  *count = settings.count;
  return 0;
}
int cuDeviceGet(CUdevice *device, int ordinal) {
  ENTER("cuDeviceGet");
  *device = ordinal;
  return ordinal >= 0 && ordinal < settings.count ? 0 : invalidDevice;
}
int cuDeviceGetName(char *name, int length, CUdevice device) {
  ENTER("cuDeviceGetName");
  snprintf(name, static_cast<size_t>(length), "Fake GPU %d", device);
  return 0;
}
int cuDeviceTotalMem_v2(size_t *bytes, CUdevice) {
  ENTER("cuDeviceTotalMem_v2");
  *bytes = settings.memory;
  return 0;
}
int cuDeviceGetAttribute(int *value, int attribute, CUdevice) {
  ENTER("cuDeviceGetAttribute");
  switch (attribute) {
  case CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT: *value = settings.multiprocessors; return 0;
  case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR: *value = settings.major; return 0;
  case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR: *value = settings.minor; return 0;
  default: *value = 0; return 0;
  }
}
int cuDeviceGetPCIBusId(char *text, int length, CUdevice device) {
  ENTER("cuDeviceGetPCIBusId");
  snprintf(text, static_cast<size_t>(length), "0000:%02x:00.0", device + 1);
  return 0;
}
int cuDevicePrimaryCtxRetain(CUcontext *result, CUdevice) {
  ENTER("cuDevicePrimaryCtxRetain");
  if (!isInitialized) return notInitialized;
  *result = &context;
  return 0;
}
int cuDevicePrimaryCtxRelease_v2(CUdevice) {
  ENTER("cuDevicePrimaryCtxRelease_v2");
  return 0;
}
int cuCtxSetCurrent(CUcontext which) {
  ENTER("cuCtxSetCurrent");
  hasContext = which != nullptr;
  return 0;
}
int cuMemGetInfo_v2(size_t *free, size_t *total) {
  ENTER_WITH_CONTEXT("cuMemGetInfo_v2");
  *total = settings.memory;
  *free = allocated < settings.memory ? settings.memory - allocated : 0;
  return 0;
}
int cuMemAlloc_v2(CUdeviceptr *result, size_t bytes) {
  ENTER_WITH_CONTEXT(sized("cuMemAlloc_v2", bytes));
  if (bytes == 0) return invalidValue;
  if (allocated + bytes > settings.memory) return CUDA_ERROR_OUT_OF_MEMORY;
  void *block = aligned_alloc(512, (bytes + 511) / 512 * 512);
  if (!block) return CUDA_ERROR_OUT_OF_MEMORY;
  // No number, in every kind of values.
  memset(block, 0xff, bytes);
  blocks[reinterpret_cast<uintptr_t>(block)] = bytes;
  allocated += bytes;
  *result = reinterpret_cast<uintptr_t>(block);
  return 0;
}
int cuMemFree_v2(CUdeviceptr address) {
  ENTER_WITH_CONTEXT("cuMemFree_v2");
  auto block = blocks.find(static_cast<uintptr_t>(address));
  if (block == blocks.end()) return invalidValue;
  allocated -= block->second;
  blocks.erase(block);
  free(at(address));
  return 0;
}
int cuMemHostRegister_v2(void *, size_t bytes, unsigned) {
  ENTER_WITH_CONTEXT(sized("cuMemHostRegister_v2", bytes));
  return 0;
}
int cuMemHostUnregister(void *) {
  ENTER_WITH_CONTEXT("cuMemHostUnregister");
  return 0;
}
int cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void *from, size_t bytes, CUstream stream) {
  ENTER_WITH_CONTEXT(sized("cuMemcpyHtoDAsync_v2", bytes));
  if (!isDeviceRange(to, bytes)) return invalidValue;
  return enqueue(stream, [=] { memcpy(at(to), from, bytes); return 0; });
}
int cuMemcpyDtoHAsync_v2(void *to, CUdeviceptr from, size_t bytes, CUstream stream) {
  ENTER_WITH_CONTEXT(sized("cuMemcpyDtoHAsync_v2", bytes));
  if (!isDeviceRange(from, bytes)) return invalidValue;
  return enqueue(stream, [=] { memcpy(to, at(from), bytes); return 0; });
}
int cuMemcpyDtoDAsync_v2(CUdeviceptr to, CUdeviceptr from, size_t bytes, CUstream stream) {
  ENTER_WITH_CONTEXT(sized("cuMemcpyDtoDAsync_v2", bytes));
  if (!isDeviceRange(to, bytes) || !isDeviceRange(from, bytes)) return invalidValue;
  return enqueue(stream, [=] { memmove(at(to), at(from), bytes); return 0; });
}
int cuMemsetD8Async(CUdeviceptr to, unsigned char value, size_t bytes, CUstream stream) {
  ENTER_WITH_CONTEXT(sized("cuMemsetD8Async", bytes));
  if (!isDeviceRange(to, bytes)) return invalidValue;
  return enqueue(stream, [=] { memset(at(to), value, bytes); return 0; });
}
int cuStreamCreate(CUstream *stream, unsigned) {
  ENTER_WITH_CONTEXT("cuStreamCreate");
  *stream = new CUstream_st;
  return 0;
}
int cuStreamSynchronize(CUstream stream) {
  ENTER_WITH_CONTEXT("cuStreamSynchronize");
  return isCapturing(stream) ? captureUnsupported : 0;
}
int cuStreamDestroy_v2(CUstream stream) {
  ENTER_WITH_CONTEXT("cuStreamDestroy_v2");
  delete stream;
  return 0;
}
int cuStreamWaitEvent(CUstream, CUevent, unsigned) {
  ENTER_WITH_CONTEXT("cuStreamWaitEvent");
  return 0;
}
int cuEventCreate(CUevent *event, unsigned) {
  ENTER_WITH_CONTEXT("cuEventCreate");
  *event = new CUevent_st;
  return 0;
}
int cuEventRecord(CUevent event, CUstream) {
  ENTER_WITH_CONTEXT("cuEventRecord");
  event->time = std::chrono::steady_clock::now();
  event->isRecorded = true;
  return 0;
}
int cuEventSynchronize(CUevent) {
  ENTER_WITH_CONTEXT("cuEventSynchronize");
  return 0;
}
int cuEventElapsedTime(float *milliseconds, CUevent from, CUevent to) {
  ENTER_WITH_CONTEXT("cuEventElapsedTime");
  if (!from->isRecorded || !to->isRecorded) return invalidHandle;
  *milliseconds = std::chrono::duration<float, std::milli>(to->time - from->time).count();
  return 0;
}
int cuEventDestroy_v2(CUevent event) {
  ENTER_WITH_CONTEXT("cuEventDestroy_v2");
  delete event;
  return 0;
}
int cuModuleLoadData(CUmodule *module, const void *image) {
  ENTER_WITH_CONTEXT("cuModuleLoadData");
  std::string kind(static_cast<const char *>(image));
  const std::vector<Kernel> *kernels = nullptr;
  if (kind == "float") kernels = &fakecuda::floatKernels;
  if (kind == "bf16") kernels = &fakecuda::bfloat16Kernels;
  if (kind == "half") kernels = &fakecuda::halfKernels;
  if (!kernels) return invalidImage;
  *module = new CUmod_st{kernels};
  return 0;
}
int cuModuleUnload(CUmodule module) {
  ENTER_WITH_CONTEXT("cuModuleUnload");
  delete module;
  return 0;
}
int cuModuleGetFunction(CUfunction *function, CUmodule module, const char *name) {
  ENTER_WITH_CONTEXT(std::string("cuModuleGetFunction ") + name);
  for (const Kernel &kernel : *module->kernels) {
    if (strcmp(kernel.name, name) != 0) continue;
    auto &known = functions[&kernel];
    if (!known) known.reset(new CUfunc_st{&kernel});
    *function = known.get();
    return 0;
  }
  return notFound;
}

int cuLaunchKernel(
    CUfunction function, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned blockX,
    unsigned blockY, unsigned blockZ, unsigned sharedBytes, CUstream stream, void **parameters,
    void **extra) {
  Extent grid = {gridX, gridY, gridZ}, block = {blockX, blockY, blockZ};
  ENTER_WITH_CONTEXT(
      std::string("launch ") + (function ? function->kernel->name : "?") + " " + text(grid) + " " +
      text(block));
  if (!function || extra || !parameters) return invalidHandle;
  if (gridX == 0 || gridY == 0 || gridZ == 0 || blockX == 0 || blockY == 0 || blockZ == 0 ||
      gridX > 0x7fffffff || gridY > 65535 || gridZ > 65535 || blockX > 1024 || blockY > 1024 ||
      blockZ > 64 || sharedBytes > 48 * 1024) {
    return invalidValue;
  }
  const Kernel *kernel = function->kernel;
  uint64_t threads = uint64_t{blockX} * blockY * blockZ;
  if (threads > 1024) return invalidValue;
  if (threads > kernel->mostThreads) return launchOutOfResources;
  // Arguments are taken when a kernel is launched, not when it runs.
  std::vector<std::vector<char>> values;
  for (size_t i = 0; i < kernel->sizes.size(); ++i) {
    const char *value = static_cast<const char *>(parameters[i]);
    values.emplace_back(value, value + kernel->sizes[i]);
  }
  return enqueue(stream, [=] {
    std::vector<void *> arguments;
    for (const auto &value : values) arguments.push_back(const_cast<char *>(value.data()));
    return fakecuda::launch(*kernel, grid, block, arguments.data()) ? 0 : int{launchFailed};
  });
}
int cuStreamBeginCapture_v2(CUstream stream, int) {
  ENTER_WITH_CONTEXT("cuStreamBeginCapture_v2");
  if (!stream) return captureUnsupported;
  if (stream->capture) return 901;
  stream->capture.reset(new CUgraph_st);
  return 0;
}
int cuStreamEndCapture(CUstream stream, CUgraph *graph) {
  ENTER_WITH_CONTEXT("cuStreamEndCapture");
  if (!stream || !stream->capture) return 905;
  *graph = stream->capture.release();
  return 0;
}
int cuGraphInstantiateWithFlags(CUgraphExec *result, CUgraph graph, unsigned long long) {
  ENTER_WITH_CONTEXT("cuGraphInstantiateWithFlags");
  *result = new CUgraphExec_st{graph->steps};
  return 0;
}
int cuGraphLaunch(CUgraphExec graph, CUstream stream) {
  ENTER_WITH_CONTEXT("cuGraphLaunch");
  for (const auto &step : graph->steps) {
    if (int code = enqueue(stream, step)) return code;
  }
  return 0;
}
int cuGraphExecDestroy(CUgraphExec graph) {
  ENTER_WITH_CONTEXT("cuGraphExecDestroy");
  delete graph;
  return 0;
}
int cuGraphDestroy(CUgraph graph) {
  ENTER_WITH_CONTEXT("cuGraphDestroy");
  delete graph;
  return 0;
}

namespace {
struct ErrorText {
  int code;
  const char *name, *text;
};
const ErrorText errors[] = {
    {0, "CUDA_SUCCESS", "no error"},
    {invalidValue, "CUDA_ERROR_INVALID_VALUE", "invalid argument"},
    {CUDA_ERROR_OUT_OF_MEMORY, "CUDA_ERROR_OUT_OF_MEMORY", "out of memory"},
    {notInitialized, "CUDA_ERROR_NOT_INITIALIZED", "initialization error"},
    {CUDA_ERROR_NO_DEVICE, "CUDA_ERROR_NO_DEVICE", "no CUDA-capable device is detected"},
    {invalidDevice, "CUDA_ERROR_INVALID_DEVICE", "invalid device ordinal"},
    {invalidImage, "CUDA_ERROR_INVALID_IMAGE", "device kernel image is invalid"},
    {invalidContext, "CUDA_ERROR_INVALID_CONTEXT", "invalid device context"},
    {invalidHandle, "CUDA_ERROR_INVALID_HANDLE", "invalid resource handle"},
    {notFound, "CUDA_ERROR_NOT_FOUND", "named symbol not found"},
    {700, "CUDA_ERROR_ILLEGAL_ADDRESS", "an illegal memory access was encountered"},
    {launchOutOfResources, "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES",
     "too many resources requested for launch"},
    {launchFailed, "CUDA_ERROR_LAUNCH_FAILED", "unspecified launch failure"},
    {CUDA_ERROR_SYSTEM_DRIVER_MISMATCH, "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH",
     "system has unsupported display driver / cuda driver combination"},
    {captureUnsupported, "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED",
     "operation not permitted when stream is capturing"},
};

}  // namespace
int cuGetErrorName(int code, const char **name) {
  for (const ErrorText &error : errors) {
    if (error.code != code) continue;
    *name = error.name;
    return 0;
  }
  *name = nullptr;
  return invalidValue;
}
int cuGetErrorString(int code, const char **text) {
  for (const ErrorText &error : errors) {
    if (error.code != code) continue;
    *text = error.text;
    return 0;
  }
  *text = nullptr;
  return invalidValue;
}

// The compiler.

int nvrtcVersion(int *major, int *minor) {
  ENTER("nvrtcVersion");
  *major = settings.version / 1000;
  *minor = settings.version % 1000 / 10;
  return 0;
}
int nvrtcCreateProgram(
    nvrtcProgram *program, const char *source, const char *, int, const char *const *,
    const char *const *) {
  ENTER("nvrtcCreateProgram");
  *program = new _nvrtcProgram{source, "", ""};
  return 0;
}
int nvrtcCompileProgram(nvrtcProgram program, int count, const char *const *options) {
  std::string line = "nvrtcCompileProgram";
  for (int i = 0; i < count; ++i) line += std::string(" ") + options[i];
  ENTER(line);
  program->cubin = "float";
  for (int i = 0; i < count; ++i) {
    if (strstr(options[i], "MAP_BFLOAT16")) program->cubin = "bf16";
    if (strstr(options[i], "MAP_HALF")) program->cubin = "half";
  }
  for (const Kernel &kernel : fakecuda::floatKernels) {
    if (program->source.find(kernel.name) != std::string::npos) continue;
    program->log += std::string("no kernel ") + kernel.name + "\n";
  }
  return program->log.empty() ? 0 : 6;
}
int nvrtcGetCUBINSize(nvrtcProgram program, size_t *bytes) {
  ENTER("nvrtcGetCUBINSize");
  *bytes = program->cubin.size() + 1;
  return 0;
}
int nvrtcGetCUBIN(nvrtcProgram program, char *cubin) {
  ENTER("nvrtcGetCUBIN");
  memcpy(cubin, program->cubin.c_str(), program->cubin.size() + 1);
  return 0;
}
int nvrtcGetProgramLogSize(nvrtcProgram program, size_t *bytes) {
  ENTER("nvrtcGetProgramLogSize");
  *bytes = program->log.size() + 1;
  return 0;
}
int nvrtcGetProgramLog(nvrtcProgram program, char *text) {
  ENTER("nvrtcGetProgramLog");
  memcpy(text, program->log.c_str(), program->log.size() + 1);
  return 0;
}
int nvrtcDestroyProgram(nvrtcProgram *program) {
  ENTER("nvrtcDestroyProgram");
  delete *program;
  *program = nullptr;
  return 0;
}
const char *nvrtcGetErrorString(int code) {
  return code == 0 ? "NVRTC_SUCCESS" : code == 6 ? "NVRTC_ERROR_COMPILATION" : "NVRTC_ERROR";
}

}  // extern "C"

void fakecuda_fill(void *driver, void *nvrtc) {
  if (driver) {
    *static_cast<posetop_cuda_driver *>(driver) = {
        cuInit, cuDriverGetVersion, cuDeviceGetCount, cuDeviceGet, cuDeviceGetName,
        cuDeviceTotalMem_v2, cuDeviceGetAttribute, cuDeviceGetPCIBusId, cuDevicePrimaryCtxRetain,
        cuDevicePrimaryCtxRelease_v2, cuCtxSetCurrent, cuMemGetInfo_v2, cuMemAlloc_v2, cuMemFree_v2,
        cuMemHostRegister_v2, cuMemHostUnregister, cuMemcpyHtoDAsync_v2, cuMemcpyDtoHAsync_v2,
        cuMemcpyDtoDAsync_v2, cuMemsetD8Async, cuStreamCreate, cuStreamSynchronize,
        cuStreamDestroy_v2, cuStreamWaitEvent, cuEventCreate, cuEventRecord, cuEventSynchronize,
        cuEventElapsedTime, cuEventDestroy_v2, cuModuleLoadData, cuModuleUnload,
        cuModuleGetFunction, cuLaunchKernel, cuStreamBeginCapture_v2, cuStreamEndCapture,
        cuGraphInstantiateWithFlags, cuGraphLaunch, cuGraphExecDestroy, cuGraphDestroy,
        cuGetErrorName, cuGetErrorString};
  }
  if (nvrtc) {
    *static_cast<posetop_nvrtc *>(nvrtc) = {
        nvrtcVersion, nvrtcCreateProgram, nvrtcCompileProgram, nvrtcGetCUBINSize, nvrtcGetCUBIN,
        nvrtcGetProgramLogSize, nvrtcGetProgramLog, nvrtcDestroyProgram, nvrtcGetErrorString};
  }
}

void fakecuda_reset(void) {
  Guard guard(lock);
  settings = Settings();
}

void fakecuda_set_memory(size_t bytes) {
  Guard guard(lock);
  settings.memory = bytes;
}

void fakecuda_set_device(int count, int major, int minor, int multiprocessors) {
  Guard guard(lock);
  settings.count = count;
  settings.major = major;
  settings.minor = minor;
  settings.multiprocessors = multiprocessors;
}

void fakecuda_set_version(int version) {
  Guard guard(lock);
  settings.version = version;
}

void fakecuda_fail(const char *function, int nth, int code) {
  Guard guard(lock);
  settings.failures[function] = {nth == 0 ? 0 : settings.calls[function] + nth, code};
}

const char *fakecuda_log(void) {
  Guard guard(lock);
  logCopy = settings.log;
  return logCopy.c_str();
}

size_t fakecuda_allocated(void) {
  Guard guard(lock);
  return allocated;
}

const char *fakecuda_kernel(int index) {
  const auto &kernels = fakecuda::floatKernels;
  return index >= 0 && static_cast<size_t>(index) < kernels.size()
             ? kernels[static_cast<size_t>(index)].name
             : nullptr;
}
