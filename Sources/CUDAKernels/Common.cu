// What all kernels share. Put before each family's file, both by NVRTC and by the tests' host compiler.
//
// `Map` is what maps are stored as; sums are always `float`. MAP_BFLOAT16 or MAP_HALF choose a 16-bit
// kind; arithmetic on them needs no header of CUDA's, which NVRTC does not always find.

#ifdef __CUDACC_RTC__
typedef unsigned char uint8_t;
typedef unsigned short uint16_t;
typedef unsigned int uint32_t;
typedef int int32_t;
typedef long long int64_t;
typedef unsigned long long uint64_t;
#endif

#if defined(MAP_BFLOAT16) || defined(MAP_HALF)
struct Map {
  uint16_t bits;
};
#else
typedef float Map;
#endif
