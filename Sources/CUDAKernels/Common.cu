// What all kernels share. Put before each family's file, both by NVRTC and by the tests' host compiler.
//
// `Map` is what maps are stored as; sums are always `float`. MAP_BFLOAT16 or MAP_HALF choose a 16-bit
// kind; arithmetic on them needs no header of CUDA's, which NVRTC does not always find.
// The language is C++17 without its library. A host compiler defines KERNEL, DEVICE and MAY_ALIAS.

#ifdef __CUDACC_RTC__
typedef unsigned char uint8_t;
typedef unsigned short uint16_t;
typedef unsigned int uint32_t;
typedef int int32_t;
typedef long long int64_t;
typedef unsigned long long uint64_t;
/// A kernel, and the most threads of its blocks.
#define KERNEL(threads) extern "C" __global__ void __launch_bounds__(threads)
/// The same, of whose blocks a multiprocessor has to hold some at once.
#define CROWDED_KERNEL(threads, blocks) extern "C" __global__ void __launch_bounds__(threads, blocks)
#define DEVICE __device__ __forceinline__
#define MAY_ALIAS
#endif

DEVICE float floatFromBits(uint32_t bits) {
#ifdef __CUDACC_RTC__
  return __uint_as_float(bits);
#else
  return __builtin_bit_cast(float, bits);
#endif
}

DEVICE uint32_t bitsOf(float x) {
#ifdef __CUDACC_RTC__
  return __float_as_uint(x);
#else
  return __builtin_bit_cast(uint32_t, x);
#endif
}

#if defined(MAP_BFLOAT16) || defined(MAP_HALF)
struct Map {
  uint16_t bits;
};

/// The value of 16 bits in the lower half of a word.
DEVICE float widened(uint32_t bits) {
#if defined(MAP_BFLOAT16)
  return floatFromBits(bits << 16);
#elif defined(__CUDACC_RTC__)
  float x;
  asm("cvt.f32.f16 %0, %1;" : "=f"(x) : "h"((uint16_t)bits));
  return x;
#else
  return (float)__builtin_bit_cast(_Float16, (uint16_t)bits);
#endif
}

/// The nearest value of 16 bits, ties to even; a NaN stays one.
DEVICE uint32_t narrowed(float x) {
#if defined(MAP_BFLOAT16)
  uint32_t bits = bitsOf(x);
  if (x != x) return (bits >> 16) | 0x40;
  return (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
#elif defined(__CUDACC_RTC__)
  uint16_t bits;
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(bits) : "f"(x));
  return bits;
#else
  return __builtin_bit_cast(uint16_t, (_Float16)x);
#endif
}

/// Two values in a word, the first in its lower half.
DEVICE uint32_t narrowedPair(float low, float high) {
#if defined(MAP_BFLOAT16) && defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
  uint32_t word;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(word) : "f"(high), "f"(low));
  return word;
#else
  return narrowed(low) | narrowed(high) << 16;
#endif
}

DEVICE float number(Map x) { return widened(x.bits); }
DEVICE void put(Map *p, float x) { p->bits = (uint16_t)narrowed(x); }
#else
typedef float Map;
DEVICE float widened(uint32_t bits) { return floatFromBits(bits); }
DEVICE uint32_t narrowedPair(float low, float) { return bitsOf(low); }
#endif

DEVICE float number(float x) { return x; }
DEVICE void put(float *p, float x) { *p = x; }

/// Values of a map in 16 bytes, which is what one access should move.
enum { mapWidth = 16 / sizeof(Map) };

struct alignas(16) MAY_ALIAS Words {
  uint32_t a, b, c, d;
};
struct alignas(8) MAY_ALIAS WordPair {
  uint32_t a, b;
};

/// 16 bytes from the device's memory, which nothing in this launch has written before: so that loads need
/// not wait for stores.
DEVICE Words loadWords(const void *p) {
#ifdef __CUDACC_RTC__
  uint4 w = __ldg((const uint4 *)p);
  return {w.x, w.y, w.z, w.w};
#else
  return *(const Words *)p;
#endif
}
DEVICE WordPair loadWordPair(const void *p) {
#ifdef __CUDACC_RTC__
  uint2 w = __ldg((const uint2 *)p);
  return {w.x, w.y};
#else
  return *(const WordPair *)p;
#endif
}

/// Four values of a block's shared memory.
DEVICE void loadShared(const float *p, float (&v)[4]) {
  Words w = *(const Words *)p;
  v[0] = floatFromBits(w.a);
  v[1] = floatFromBits(w.b);
  v[2] = floatFromBits(w.c);
  v[3] = floatFromBits(w.d);
}

/// Reads V values of the device's memory; for V above 1 the address is a multiple of their bytes, at most of 16.
template <int V, class T> DEVICE void load(const T *p, float (&v)[V]) {
  if constexpr (V == 1) {
    v[0] = number(p[0]);
  } else if constexpr (sizeof(T) == 4) {
#pragma unroll
    for (int i = 0; i < V; i += 4) {
      Words w = loadWords(p + i);
      v[i] = floatFromBits(w.a);
      v[i + 1] = floatFromBits(w.b);
      v[i + 2] = floatFromBits(w.c);
      v[i + 3] = floatFromBits(w.d);
    }
  } else if constexpr (V == 4) {
    WordPair w = loadWordPair(p);
    v[0] = widened(w.a & 0xffff);
    v[1] = widened(w.a >> 16);
    v[2] = widened(w.b & 0xffff);
    v[3] = widened(w.b >> 16);
  } else {
#pragma unroll
    for (int i = 0; i < V; i += 8) {
      Words w = loadWords(p + i);
      v[i] = widened(w.a & 0xffff);
      v[i + 1] = widened(w.a >> 16);
      v[i + 2] = widened(w.b & 0xffff);
      v[i + 3] = widened(w.b >> 16);
      v[i + 4] = widened(w.c & 0xffff);
      v[i + 5] = widened(w.c >> 16);
      v[i + 6] = widened(w.d & 0xffff);
      v[i + 7] = widened(w.d >> 16);
    }
  }
}

/// Writes V values, as `load` reads them.
template <int V, class T> DEVICE void store(T *p, const float (&v)[V]) {
  if constexpr (V == 1) {
    put(p, v[0]);
  } else if constexpr (sizeof(T) == 4) {
#pragma unroll
    for (int i = 0; i < V; i += 4) {
      Words w = {bitsOf(v[i]), bitsOf(v[i + 1]), bitsOf(v[i + 2]), bitsOf(v[i + 3])};
      *(Words *)(p + i) = w;
    }
  } else if constexpr (V == 4) {
    WordPair w = {narrowedPair(v[0], v[1]), narrowedPair(v[2], v[3])};
    *(WordPair *)p = w;
  } else {
#pragma unroll
    for (int i = 0; i < V; i += 8) {
      Words w = {
          narrowedPair(v[i], v[i + 1]), narrowedPair(v[i + 2], v[i + 3]),
          narrowedPair(v[i + 4], v[i + 5]), narrowedPair(v[i + 6], v[i + 7])};
      *(Words *)(p + i) = w;
    }
  }
}

/// `out (+)= v`.
template <int V, class T> DEVICE void storeOrAdd(T *out, const float (&v)[V], int accumulate) {
  if (accumulate) {
    float old[V];
    load<V>(out, old);
#pragma unroll
    for (int i = 0; i < V; ++i) old[i] += v[i];
    store<V>(out, old);
  } else {
    store<V>(out, v);
  }
}

/// Reads or writes a value that is a `float` or of a map, as the caller knows.
DEVICE float numberAt(const void *p, long long i, int isFloat) {
  return isFloat ? ((const float *)p)[i] : number(((const Map *)p)[i]);
}
DEVICE void putAt(void *p, long long i, int isFloat, float x) {
  if (isFloat) {
    ((float *)p)[i] = x;
  } else {
    put((Map *)p + i, x);
  }
}

template <class T> DEVICE T lesser(T a, T b) { return b < a ? b : a; }
template <class T> DEVICE T greater(T a, T b) { return b > a ? b : a; }

/// ReLU that keeps a NaN.
DEVICE float relu(float x) { return x < 0 ? 0.0f : x; }

/// The thread's place among all of a grid in one direction, and how many there are.
DEVICE long long gridThread() { return (long long)blockIdx.x * blockDim.x + threadIdx.x; }
DEVICE long long gridThreads() { return (long long)gridDim.x * blockDim.x; }

// Rows of channels: a block's threads stand in `blockDim.x` columns of V channels each, and in
// `blockDim.y` rows, both powers of two; blocks go on in x over the channels, in y over the rows.

/// The thread's first channel.
template <int V> DEVICE int tileChannel() {
  return (int)((blockIdx.x * blockDim.x + threadIdx.x) * V);
}

/// The thread's place in its block.
DEVICE int blockThread() { return (int)(threadIdx.y * blockDim.x + threadIdx.x); }

/// Sum of a double over the block's 2^n threads, in fixed order; `shared` has one for each thread.
DEVICE double blockSum(double x, double *shared) {
  int thread = blockThread();
  shared[thread] = x;
  for (int s = (int)(blockDim.x * blockDim.y) / 2; s > 0; s /= 2) {
    __syncthreads();
    if (thread < s) shared[thread] += shared[thread + s];
  }
  __syncthreads();
  double sum = shared[0];
  __syncthreads();
  return sum;
}

/// Sums of two values a channel over the rows of a block of 256 threads, in fixed order; true for the
/// threads that hold them.
template <int V> DEVICE bool sumOverRows(float (&a)[V], float (&b)[V]) {
  __shared__ float shared[2 * V * 256];
  int thread = blockThread();
#pragma unroll
  for (int i = 0; i < V; ++i) {
    shared[(2 * i) * 256 + thread] = a[i];
    shared[(2 * i + 1) * 256 + thread] = b[i];
  }
  for (int s = (int)blockDim.y / 2; s > 0; s /= 2) {
    __syncthreads();
    if ((int)threadIdx.y < s) {
#pragma unroll
      for (int i = 0; i < 2 * V; ++i) {
        shared[i * 256 + thread] += shared[i * 256 + thread + s * (int)blockDim.x];
      }
    }
  }
#pragma unroll
  for (int i = 0; i < V; ++i) {
    a[i] = shared[(2 * i) * 256 + thread];
    b[i] = shared[(2 * i + 1) * 256 + thread];
  }
  return threadIdx.y == 0;
}
