// Optimiser steps over slabs, in PyTorch's order of operations; formulae in the graph's
// `OptimizerUpdate.swift`. What changes from step to step is read from the device's memory, so that a
// graph can be launched again.

/// What a step has in common: 64 bytes.
struct OptimizerBlock {
  /// Adam: `lr / (1 - beta1^t)`.
  float rate;
  /// Adam: `1 / sqrt(1 - beta2^t)`.
  float secondScale;
  /// What gradients are multiplied with first: clipping, accumulation, one over the loss' scale.
  float gradientScale;
  /// AdamW: `1 - lr · decay`; else 1. For decayed weights only.
  float decoupledFactor;
  /// SGD and Adam: the decay that is added to the gradient; AdamW: 0. For decayed weights only.
  float decay;
  float beta1, beta2, epsilon;
  /// SGD: 0 leaves the first moments alone.
  float momentum;
  /// SGD.
  float learningRate;
  int nesterov;
  int isSGD;
  /// Not 0: nothing changes. `prepareStep` writes it.
  int skip;
  int reserved[3];
};

/// Square root and quotient with an error of a unit or two in the last place, at a tenth of the
/// instructions: what the giant layer's step waits for.
DEVICE float squareRoot(float x) {
#ifdef __CUDACC_RTC__
  float root;
  asm("sqrt.approx.f32 %0, %1;" : "=f"(root) : "f"(x));
  return root;
#else
  return sqrtf(x);
#endif
}
DEVICE float quotient(float a, float b) {
#ifdef __CUDACC_RTC__
  float result;
  asm("div.approx.f32 %0, %1, %2;" : "=f"(result) : "f"(a), "f"(b));
  return result;
#else
  return a / b;
#endif
}

/// The rule for one weight.
struct OptimizerRule {
  OptimizerBlock b;
  float keep, decay;

  DEVICE OptimizerRule(const OptimizerBlock *block, int isDecayed) : b(*block) {
    keep = isDecayed ? b.decoupledFactor : 1;
    decay = isDecayed ? b.decay : 0;
  }
  DEVICE bool readsFirst() const { return !b.isSGD || b.momentum != 0; }
  DEVICE bool readsSecond() const { return !b.isSGD; }

  DEVICE void apply(float gradient, float &w, float &m, float &v) const {
    float g = fmaf(decay, w, gradient * b.gradientScale);
    if (b.isSGD) {
      if (b.momentum != 0) {
        m = fmaf(b.momentum, m, g);
        g = b.nesterov ? fmaf(b.momentum, m, g) : m;
      }
      w = fmaf(-b.learningRate, g, w);
      return;
    }
    w *= keep;
    m = fmaf(1 - b.beta1, g - m, m);
    v = fmaf((1 - b.beta2) * g, g, b.beta2 * v);
    w = fmaf(-b.rate, quotient(m, fmaf(squareRoot(v), b.secondScale, b.epsilon)), w);
  }
};

struct OptimizerStep {
  OptimizerRule rule;
  float *weights;
  Map *shadow;
  const float *gradients;
  float *first, *second;
  template <int V> DEVICE void at(long long i) const {
    float w[V], g[V], m[V], v[V];
    load<V>(weights + i, w);
    load<V>(gradients + i, g);
#pragma unroll
    for (int k = 0; k < V; ++k) m[k] = v[k] = 0;
    if (rule.readsFirst()) load<V>(first + i, m);
    if (rule.readsSecond()) load<V>(second + i, v);
#pragma unroll
    for (int k = 0; k < V; ++k) rule.apply(g[k], w[k], m[k], v[k]);
    store<V>(weights + i, w);
    if (rule.readsFirst()) store<V>(first + i, m);
    if (rule.readsSecond()) store<V>(second + i, v);
    if (shadow) store<V>(shadow + i, w);
  }
};

/// One step over a slab by the block's rule; `shadow` are the weights as maps are read, or null. `first` may
/// be null where SGD has no momentum, `second` for SGD.
KERNEL(256)
optimizerStep(
    const OptimizerBlock *block, float *weights, Map *shadow, const float *gradients, float *first,
    float *second, long long count, int isDecayed) {
  if (block->skip) return;
  forEachGroup<4>(
      count,
      OptimizerStep{OptimizerRule(block, isDecayed), weights, shadow, gradients, first, second});
}

enum { updateRows = 32, updateColumns = 128, updateBatch = 32 };

/// Four neighbours of a weight's row, or what is there of them.
DEVICE void loadRow(const float *p, int count, bool whole, float (&v)[4]) {
  if (whole) {
    load<4>(p, v);
  } else {
    for (int i = 0; i < 4; ++i) v[i] = i < count ? p[i] : 0;
  }
}
template <class T> DEVICE void storeRow(T *p, int count, bool whole, const float (&v)[4]) {
  if (whole) {
    store<4>(p, v);
  } else {
    for (int i = 0; i < 4; ++i) {
      if (i < count) put(p + i, v[i]);
    }
  }
}

DEVICE void updateTile(
    const OptimizerBlock *block, const float *x, const float *dy, int n, int inputs, int outputs,
    float *weights, Map *shadow, float *first, float *second, int isDecayed) {
  alignas(16) __shared__ float xs[updateBatch][updateRows];
  alignas(16) __shared__ float ds[updateBatch][updateColumns];
  if (block->skip) return;
  OptimizerRule rule(block, isDecayed);
  int thread = (int)threadIdx.x;
  int column = (int)blockIdx.x * updateColumns + thread % 32 * 4;
  int row = (int)blockIdx.y * updateRows + thread / 32 * 4;
  int columns = outputs - column;
  bool whole = columns >= 4 && outputs % 4 == 0;
  float w[4][4], m[4][4], v[4][4], sum[4][4];
  // What takes longest to come is asked for first.
#pragma unroll
  for (int r = 0; r < 4; ++r) {
#pragma unroll
    for (int k = 0; k < 4; ++k) w[r][k] = m[r][k] = v[r][k] = sum[r][k] = 0;
    if (row + r >= inputs || columns <= 0) continue;
    long long at = (long long)(row + r) * outputs + column;
    loadRow(weights + at, columns, whole, w[r]);
    if (rule.readsFirst()) loadRow(first + at, columns, whole, m[r]);
    if (rule.readsSecond()) loadRow(second + at, columns, whole, v[r]);
  }
  for (int from = 0; from < n; from += updateBatch) {
    int count = lesser((int)updateBatch, n - from);
    __syncthreads();
    for (int i = thread; i < updateBatch * updateRows; i += 256) {
      int image = i / updateRows, place = (int)blockIdx.y * updateRows + i % updateRows;
      xs[image][i % updateRows] =
          image < count && place < inputs ? number(x[(long long)(from + image) * inputs + place]) : 0;
    }
    for (int i = thread; i < updateBatch * updateColumns; i += 256) {
      int image = i / updateColumns, place = (int)blockIdx.x * updateColumns + i % updateColumns;
      ds[image][i % updateColumns] =
          image < count && place < outputs ? dy[(long long)(from + image) * outputs + place] : 0;
    }
    __syncthreads();
#pragma unroll 4
    for (int image = 0; image < count; ++image) {
      float a[4], d[4];
      loadShared(&xs[image][thread / 32 * 4], a);
      loadShared(&ds[image][thread % 32 * 4], d);
#pragma unroll
      for (int r = 0; r < 4; ++r) {
#pragma unroll
        for (int k = 0; k < 4; ++k) sum[r][k] = fmaf(a[r], d[k], sum[r][k]);
      }
    }
  }
#pragma unroll
  for (int r = 0; r < 4; ++r) {
    if (row + r >= inputs || columns <= 0) continue;
    long long at = (long long)(row + r) * outputs + column;
#pragma unroll
    for (int k = 0; k < 4; ++k) rule.apply(sum[r][k], w[r][k], m[r][k], v[r][k]);
    storeRow(weights + at, columns, whole, w[r]);
    if (rule.readsFirst()) storeRow(first + at, columns, whole, m[r]);
    if (rule.readsSecond()) storeRow(second + at, columns, whole, v[r]);
    if (shadow) storeRow(shadow + at, columns, whole, w[r]);
  }
}

/// Weight gradient of a fully connected layer and the optimiser's step in one pass over its weights
/// `[inputs, outputs]`: `x [n, inputs]`, `dy [n, outputs]`. A block of 256 threads a tile of 32 inputs
/// (blocks in y) by 128 outputs (blocks in x, so that neighbours in time are neighbours in memory); a
/// thread has 4 by 4 of them.
CROWDED_KERNEL(256, 2)
linearUpdate(
    const OptimizerBlock *block, const float *x, const float *dy, int n, int inputs, int outputs,
    float *weights, Map *shadow, float *first, float *second, int isDecayed) {
  updateTile(block, x, dy, n, inputs, outputs, weights, shadow, first, second, isDecayed);
}
/// The step of a layer's bias, of the sums of `dy [n, outputs]`; a thread an output.
KERNEL(256)
linearUpdateBias(
    const OptimizerBlock *block, const float *dy, int n, int outputs, float *bias, Map *shadow,
    float *first, float *second, int isDecayed) {
  if (block->skip) return;
  OptimizerRule rule(block, isDecayed);
  for (long long i = gridThread(); i < outputs; i += gridThreads()) {
    float sum = 0;
    for (int image = 0; image < n; ++image) sum += dy[(long long)image * outputs + i];
    float w = bias[i], m = rule.readsFirst() ? first[i] : 0, v = rule.readsSecond() ? second[i] : 0;
    rule.apply(sum, w, m, v);
    bias[i] = w;
    if (rule.readsFirst()) first[i] = m;
    if (rule.readsSecond()) second[i] = v;
    if (shadow) put(shadow + i, w);
  }
}
