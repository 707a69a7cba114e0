// What is done to whole slabs between two passes, and to images as matrices.

// The scale that keeps 16-bit gradients from vanishing (`ScaleBlock` in SlabWork.swift).
struct ScaleBlock {
  float scale;
  int goodSteps;
  int skips;
  int skipped;
};

// What Adam's bias corrections are made of (`StepCount` in SlabWork.swift).
struct StepCount {
  double learningRate, beta1, beta2;
  int step;
  int padding;
};

DEVICE double wholePower(double x, int n) {
  double power = 1;
  for (; n > 0; n /= 2) {
    if (n % 2) power *= x;
    x *= x;
  }
  return power;
}

// The step's numbers for gradients that carry the scale, or no step at all where they overflowed. As with
// PyTorch's GradScaler, a step that is left out does not count in Adam's bias corrections.
KERNEL(32) prepareStep(ScaleBlock *scaling, OptimizerBlock *block, const StepCount *count) {
  block->gradientScale /= scaling->scale;
  block->skip = scaling->skips;
  if (count->step == 1) scaling->skipped = 0;
  if (!block->isSGD) {
    int done = greater(1, count->step - scaling->skipped);
    block->rate = (float)(count->learningRate / (1 - wholePower(count->beta1, done)));
    block->secondScale = (float)(1 / sqrt(1 - wholePower(count->beta2, done)));
  }
  if (scaling->skips) scaling->skipped += 1;
}

// PyTorch's GradScaler: half the scale after an overflow, twice after `interval` good steps.
KERNEL(32) moveScale(ScaleBlock *block, int interval) {
  if (block->skips) {
    block->scale *= 0.5f;
    block->goodSteps = 0;
  } else if (++block->goodSteps >= interval) {
    block->scale *= 2;
    block->goodSteps = 0;
  }
  block->skips = 0;
}

KERNEL(256) exchange(float *a, float *b, long long count) {
  for (long long i = gridThread(); i < count; i += gridThreads()) {
    float value = a[i];
    a[i] = b[i];
    b[i] = value;
  }
}

// Each image's matrix [rows, columns] as [columns, rows], by tiles of 32 × 32.
KERNEL(256) turnImages(
    const float *x, float *y, int rows, int columns, int accumulates) {
  __shared__ float tile[32][33];
  const float *from = x + (long long)blockIdx.z * rows * columns;
  float *to = y + (long long)blockIdx.z * rows * columns;
  int left = blockIdx.x * 32, top = blockIdx.y * 32;
  for (int i = threadIdx.y; i < 32; i += blockDim.y) {
    int row = top + i, column = left + (int)threadIdx.x;
    if (row < rows && column < columns) {
      tile[i][threadIdx.x] = from[(long long)row * columns + column];
    }
  }
  __syncthreads();
  for (int i = threadIdx.y; i < 32; i += blockDim.y) {
    int row = left + i, column = top + (int)threadIdx.x;
    if (row < columns && column < rows) {
      long long at = (long long)row * rows + column;
      to[at] = tile[threadIdx.x][i] + (accumulates ? to[at] : 0.0f);
    }
  }
}

// Values in -1 ... 1 without a pattern, as `float` or `Map`.
KERNEL(256) fillRandom(void *values, long long count, int elementBytes) {
  for (long long i = gridThread(); i < count; i += gridThreads()) {
    unsigned long long bits = (unsigned long long)i * 0x9e3779b97f4a7c15ull;
    bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9ull;
    bits ^= bits >> 27;
    float value = (float)(int)(bits >> 32) * 4.656613e-10f;
    if (elementBytes == 4) {
      ((float *)values)[i] = value;
    } else {
      put((Map *)values + i, value);
    }
  }
}

// Rows of `columns` floats, `stride` apart, plus a bias.
KERNEL(256)
addBiasStrided(float *y, const float *bias, long long rows, int columns, int stride) {
  for (long long i = gridThread(); i < rows * columns; i += gridThreads()) {
    y[i / columns * stride + i % columns] += bias[i % columns];
  }
}
