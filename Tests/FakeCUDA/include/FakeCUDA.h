// A GPU for tests where none is: NVIDIA's driver and compiler as functions of our own, whose memory is the
// host's and which run the project's kernels, compiled as C++, thread by thread.
#ifndef POSETOP_FAKE_CUDA_H
#define POSETOP_FAKE_CUDA_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Fills a `posetop_cuda_driver` and a `posetop_nvrtc`; either may be null.
void fakecuda_fill(void *driver, void *nvrtc);

/// Forgets the log, failures to come and settings; memory that is still allocated stays.
void fakecuda_reset(void);

/// Bytes of the device's memory from now on.
void fakecuda_set_memory(size_t bytes);

/// Devices that there are, and the first one's compute capability and multiprocessors.
void fakecuda_set_device(int count, int major, int minor, int multiprocessors);

/// The driver's version, such as 13000.
void fakecuda_set_version(int version);

/// From now on the `nth` call of a function (from 1) fails with a code; `nth` 0 for all calls.
void fakecuda_fail(const char *function, int nth, int code);

/// The calls since the last reset, a line each: a launch as `launch NAME GRID BLOCK`, allocations and copies with
/// their bytes, others by their name. Valid until the next call of any function here.
const char *fakecuda_log(void);

/// Bytes of device memory that are allocated now.
size_t fakecuda_allocated(void);

/// Names of all kernels, one by one; null after the last.
const char *fakecuda_kernel(int index);

#ifdef __cplusplus
}
#endif

#endif
