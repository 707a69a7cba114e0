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

typedef struct {
  unsigned gpu, memory;
} utilisation_rates;

static struct {
  int state;  // 0 not looked for, 1 usable, else a reason
  int (*device_at)(unsigned, void **);
  int (*memory_of)(void *, memory_info *);
  int (*name_of)(void *, char *, unsigned);
  int (*utilisation_of)(void *, utilisation_rates *);
  int (*temperature_of)(void *, int, unsigned *);
  int (*power_of)(void *, unsigned *);
} nvml;

static int load_nvml(void) {
  void *library = dlopen("libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) return POSETOP_NVML_ABSENT;
  int (*init)(void) = (int (*)(void))dlsym(library, "nvmlInit_v2");
  nvml.device_at = (int (*)(unsigned, void **))dlsym(library, "nvmlDeviceGetHandleByIndex_v2");
  nvml.memory_of = (int (*)(void *, memory_info *))dlsym(library, "nvmlDeviceGetMemoryInfo");
  nvml.name_of = (int (*)(void *, char *, unsigned))dlsym(library, "nvmlDeviceGetName");
  nvml.utilisation_of =
      (int (*)(void *, utilisation_rates *))dlsym(library, "nvmlDeviceGetUtilizationRates");
  nvml.temperature_of =
      (int (*)(void *, int, unsigned *))dlsym(library, "nvmlDeviceGetTemperature");
  nvml.power_of = (int (*)(void *, unsigned *))dlsym(library, "nvmlDeviceGetPowerUsage");
  if (init == NULL || nvml.device_at == NULL || init() != 0) return POSETOP_NVML_BROKEN;
  return 0;
}

int posetop_nvml_look(posetop_gpu *gpu) {
  memset(gpu, 0, sizeof *gpu);
  gpu->used = gpu->total = gpu->utilisation = gpu->temperature = gpu->power = -1;
  if (nvml.state == 0) nvml.state = load_nvml() == 0 ? 1 : POSETOP_NVML_ABSENT + 1;
  if (nvml.state != 1) return POSETOP_NVML_ABSENT;
  void *device = NULL;
  if (nvml.device_at(0, &device) != 0) return POSETOP_NVML_NO_DEVICE;
  memory_info memory;
  if (nvml.memory_of != NULL && nvml.memory_of(device, &memory) == 0 && memory.total > 0) {
    gpu->used = (int64_t)memory.used;
    gpu->total = (int64_t)memory.total;
  }
  if (nvml.name_of != NULL) nvml.name_of(device, gpu->name, sizeof gpu->name);
  gpu->name[sizeof gpu->name - 1] = 0;
  utilisation_rates rates;
  unsigned value = 0;
  if (nvml.utilisation_of != NULL && nvml.utilisation_of(device, &rates) == 0) {
    gpu->utilisation = (int)rates.gpu;
  }
  // Sensor 0 is the GPU's own.
  if (nvml.temperature_of != NULL && nvml.temperature_of(device, 0, &value) == 0) {
    gpu->temperature = (int)value;
  }
  if (nvml.power_of != NULL && nvml.power_of(device, &value) == 0) gpu->power = (int)value;
  return 0;
}
