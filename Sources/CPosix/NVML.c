// The NVIDIA driver's management library, looked for at run time: memory of the first GPU.
#include "CPosix.h"

#include <dlfcn.h>
#include <string.h>

typedef struct {
  unsigned long long total, free, used;
} memory_info;

int posetop_nvml_memory(char *name, size_t name_size, uint64_t *used, uint64_t *total) {
  void *library = dlopen("libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) return POSETOP_NVML_ABSENT;
  // Types from NVIDIA's nvml.h: every function returns 0 on success.
  int (*init)(void) = (int (*)(void))dlsym(library, "nvmlInit_v2");
  int (*shutdown)(void) = (int (*)(void))dlsym(library, "nvmlShutdown");
  int (*device_at)(unsigned, void **) =
      (int (*)(unsigned, void **))dlsym(library, "nvmlDeviceGetHandleByIndex_v2");
  int (*memory_of)(void *, memory_info *) =
      (int (*)(void *, memory_info *))dlsym(library, "nvmlDeviceGetMemoryInfo");
  int (*name_of)(void *, char *, unsigned) =
      (int (*)(void *, char *, unsigned))dlsym(library, "nvmlDeviceGetName");
  if (init == NULL || shutdown == NULL || device_at == NULL || memory_of == NULL ||
      name_of == NULL || init() != 0) {
    return POSETOP_NVML_BROKEN;
  }
  int result = POSETOP_NVML_NO_DEVICE;
  void *device = NULL;
  memory_info memory;
  memset(&memory, 0, sizeof memory);
  if (device_at(0, &device) == 0 && memory_of(device, &memory) == 0) {
    name[0] = 0;
    name_of(device, name, (unsigned)name_size);
    name[name_size - 1] = 0;
    *used = memory.used;
    *total = memory.total;
    result = 0;
  }
  shutdown();
  return result;
}
