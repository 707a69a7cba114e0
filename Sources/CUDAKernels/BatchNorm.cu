// Batch normalisation over the rows of `[rows, c]`; formulae in the graph's `BatchNorm.swift`.
//
// Threads stand in tiles of rows and channels (Common.cu) with `width` channels each: mapWidth where
// that divides c, else 1. Sums are made in parts, one for each block's rows, and put together in fixed
// order and in double precision.
//
// Sums go through the rows from the first to the last, all blocks side by side; what is then done to the
// rows goes from the last to the first, for their ends are still in the GPU's cache.

/// Rows of a block that are done to the end before those of blocks after it: from the last row down.
struct Descent {
  long long row, end;
  DEVICE Descent(long long rows) {
    long long each = (rows + (long long)gridDim.y * blockDim.y - 1) /
                     ((long long)gridDim.y * blockDim.y) * blockDim.y;
    row = (gridDim.y - 1 - blockIdx.y) * each;
    end = lesser(row + each, rows);
    row += threadIdx.y;
  }
};

/// Something near each channel's mean: the mean of four rows. Squares are summed of what is left.
template <int V>
DEVICE void pilotMean(const Map *x, long long rows, int c, int channel, float (&mean)[V]) {
  float v[V];
#pragma unroll
  for (int i = 0; i < V; ++i) mean[i] = 0;
  for (int k = 0; k < 4; ++k) {
    load<V>(x + (rows - 1) * k / 3 * c + channel, v);
#pragma unroll
    for (int i = 0; i < V; ++i) mean[i] += 0.25f * v[i];
  }
}

template <int V>
DEVICE void sumsOfRows(const Map *x, long long rows, int c, float *parts) {
  int channel = tileChannel<V>();
  float sums[V], squares[V], pilot[V], v[V];
#pragma unroll
  for (int i = 0; i < V; ++i) sums[i] = squares[i] = 0;
  if (channel < c) {
    pilotMean<V>(x, rows, c, channel, pilot);
    long long step = (long long)gridDim.y * blockDim.y;
#pragma unroll 4
    for (long long row = blockIdx.y * blockDim.y + threadIdx.y; row < rows; row += step) {
      load<V>(x + row * c + channel, v);
#pragma unroll
      for (int i = 0; i < V; ++i) {
        float d = v[i] - pilot[i];
        sums[i] += d;
        squares[i] = fmaf(d, d, squares[i]);
      }
    }
  }
  if (sumOverRows<V>(sums, squares) && channel < c) {
    float *part = parts + (long long)blockIdx.y * 2 * c + channel;
#pragma unroll
    for (int i = 0; i < V; ++i) {
      part[i] = sums[i];
      part[c + i] = squares[i];
    }
  }
}

/// Sums and sums of squares of each block's rows, less the pilot mean: `parts [gridDim.y][2][c]`.
KERNEL(256) batchNormSums(const Map *x, long long rows, int c, int width, float *parts) {
  if (width > 1) {
    sumsOfRows<mapWidth>(x, rows, c, parts);
  } else {
    sumsOfRows<1>(x, rows, c, parts);
  }
}

/// Sums of the parts' two values for the channel of a block of 32 × 32 threads; true for the threads
/// that hold them.
DEVICE bool sumsOfParts(const float *parts, int count, int c, int channel, double &a, double &b) {
  __shared__ double sums[1024], others[1024];
  a = b = 0;
  if (channel < c) {
    for (int part = (int)threadIdx.y; part < count; part += 32) {
      a += parts[(long long)part * 2 * c + channel];
      b += parts[((long long)part * 2 + 1) * c + channel];
    }
  }
  int thread = blockThread();
  sums[thread] = a;
  others[thread] = b;
  for (int s = 16; s > 0; s /= 2) {
    __syncthreads();
    if ((int)threadIdx.y < s) {
      sums[thread] += sums[thread + 32 * s];
      others[thread] += others[thread + 32 * s];
    }
  }
  a = sums[thread];
  b = others[thread];
  return threadIdx.y == 0 && channel < c;
}

/// Mean and 1/sqrt(variance + epsilon) from the parts, and the running statistics, whose variance is
/// the unbiased one. Blocks of 32 × 32 threads, one thread in x a channel.
KERNEL(1024)
batchNormFinish(
    const Map *x, const float *parts, int count, long long rows, int c, float epsilon,
    float momentum, float *mean, float *invStd, float *runningMean, float *runningVariance) {
  int channel = (int)(blockIdx.x * 32 + threadIdx.x);
  double sum, squares;
  if (!sumsOfParts(parts, count, c, channel, sum, squares)) return;
  float pilot[1];
  pilotMean<1>(x, rows, c, channel, pilot);
  double n = (double)rows;
  double center = pilot[0] + sum / n;
  squares -= sum * sum / n;
  if (squares < 0) squares = 0;
  double variance = squares / n;
  double unbiased = rows > 1 ? squares / (n - 1) : variance;
  mean[channel] = (float)center;
  invStd[channel] = (float)(1 / sqrt(variance + (double)epsilon));
  runningMean[channel] += momentum * ((float)center - runningMean[channel]);
  runningVariance[channel] += momentum * ((float)unbiased - runningVariance[channel]);
}

/// A channel's normalisation: `(x - mean) · scale + shift`.
template <int V> struct Normalisation {
  float mean[V], scale[V], shift[V];

  /// `spread` is 1/std, or with `fromVariance` the variance.
  DEVICE void read(
      const float *gamma, const float *beta, const float *means, const float *spread,
      float epsilon, int fromVariance, int channel) {
#pragma unroll
    for (int i = 0; i < V; ++i) {
      float s = spread[channel + i];
      mean[i] = means[channel + i];
      scale[i] = gamma[channel + i] * (fromVariance ? 1 / sqrtf(s + epsilon) : s);
      shift[i] = beta[channel + i];
    }
  }

  DEVICE float apply(float x, int i) const { return fmaf(x - mean[i], scale[i], shift[i]); }
};

template <int V>
DEVICE void applyToRows(
    const Map *x, const Map *residual, const float *gamma, const float *beta, const float *mean,
    const float *spread, float epsilon, int fromVariance, long long rows, int c, int cut, Map *y) {
  int channel = tileChannel<V>();
  if (channel >= c) return;
  Normalisation<V> normal;
  normal.read(gamma, beta, mean, spread, epsilon, fromVariance, channel);
  Descent rowsLeft(rows);
#pragma unroll 2
  for (long long row = rowsLeft.row; row < rowsLeft.end; row += blockDim.y) {
    long long at = row * c + channel;
    float v[V], r[V];
    load<V>(x + at, v);
    if (residual) load<V>(residual + at, r);
#pragma unroll
    for (int i = 0; i < V; ++i) {
      float value = normal.apply(v[i], i);
      if (residual) value += r[i];
      v[i] = cut ? relu(value) : value;
    }
    store<V>(y + at, v);
  }
}

/// `y = [relu](normalised x [+ residual])`; `spread` is 1/std, or with `fromVariance` the variance.
KERNEL(256)
batchNormApply(
    const Map *x, const Map *residual, const float *gamma, const float *beta, const float *mean,
    const float *spread, float epsilon, int fromVariance, long long rows, int c, int width, int cut,
    Map *y) {
  if (width > 1) {
    applyToRows<mapWidth>(
        x, residual, gamma, beta, mean, spread, epsilon, fromVariance, rows, c, cut, y);
  } else {
    applyToRows<1>(x, residual, gamma, beta, mean, spread, epsilon, fromVariance, rows, c, cut, y);
  }
}

/// The gradient behind ReLU: zero where it cut, which the output says, or without one what the forward
/// pass made of the input.
template <int V>
DEVICE void unmask(
    const Map *y, long long at, const Normalisation<V> &normal, const float (&x)[V], int cut,
    float (&g)[V]) {
  if (!cut) return;
  float out[V];
  if (y) load<V>(y + at, out);
#pragma unroll
  for (int i = 0; i < V; ++i) {
    if ((y ? out[i] : normal.apply(x[i], i)) <= 0) g[i] = 0;
  }
}

template <int V>
DEVICE void gradientSumsOfRows(
    const Map *dy, const Map *x, const Map *y, const float *gamma, const float *beta,
    const float *mean, const float *invStd, long long rows, int c, int cut, Map *masked,
    float *parts) {
  int channel = tileChannel<V>();
  float sums[V], products[V];
#pragma unroll
  for (int i = 0; i < V; ++i) sums[i] = products[i] = 0;
  if (channel < c) {
    Normalisation<V> normal;
    normal.read(gamma, beta, mean, invStd, 0, 0, channel);
    long long step = (long long)gridDim.y * blockDim.y;
#pragma unroll 2
    for (long long row = blockIdx.y * blockDim.y + threadIdx.y; row < rows; row += step) {
      long long at = row * c + channel;
      float g[V], v[V];
      load<V>(dy + at, g);
      load<V>(x + at, v);
      unmask<V>(y, at, normal, v, cut, g);
      if (masked) store<V>(masked + at, g);
#pragma unroll
      for (int i = 0; i < V; ++i) {
        sums[i] += g[i];
        products[i] = fmaf(g[i], v[i] - normal.mean[i], products[i]);
      }
    }
  }
  if (sumOverRows<V>(sums, products) && channel < c) {
    float *part = parts + (long long)blockIdx.y * 2 * c + channel;
#pragma unroll
    for (int i = 0; i < V; ++i) {
      part[i] = sums[i];
      part[c + i] = products[i];
    }
  }
}

/// Sums of the gradient, and of gradient · (x - mean), of each block's rows: `parts [gridDim.y][2][c]`;
/// and unless it is null, `masked` = the gradient behind ReLU.
KERNEL(256)
batchNormGradientSums(
    const Map *dy, const Map *x, const Map *y, const float *gamma, const float *beta,
    const float *mean, const float *invStd, long long rows, int c, int width, int cut, Map *masked,
    float *parts) {
  if (width > 1) {
    gradientSumsOfRows<mapWidth>(
        dy, x, y, gamma, beta, mean, invStd, rows, c, cut, masked, parts);
  } else {
    gradientSumsOfRows<1>(dy, x, y, gamma, beta, mean, invStd, rows, c, cut, masked, parts);
  }
}

/// The parameters' gradients, and `coefficients [2][c]` of `dx = a · g + b · (x - mean) + d`. Blocks of
/// 32 × 32 threads, one thread in x a channel.
KERNEL(1024)
batchNormGradientFinish(
    const float *parts, int count, long long rows, int c, const float *gamma, const float *invStd,
    float *dgamma, float *dbeta, float *coefficients) {
  int channel = (int)(blockIdx.x * 32 + threadIdx.x);
  double sum, product;
  if (!sumsOfParts(parts, count, c, channel, sum, product)) return;
  product *= (double)invStd[channel];
  dbeta[channel] = (float)sum;
  dgamma[channel] = (float)product;
  double a = (double)gamma[channel] * (double)invStd[channel];
  coefficients[channel] = (float)(-a * product * (double)invStd[channel] / (double)rows);
  coefficients[c + channel] = (float)(-a * sum / (double)rows);
}

template <int V>
DEVICE void gradientOfRows(
    const Map *dy, const Map *x, const Map *y, const float *gamma, const float *beta,
    const float *mean, const float *invStd, const float *coefficients, long long rows, int c,
    int cut, Map *dx, int addToDx, Map *dresidual, int addToDresidual) {
  int channel = tileChannel<V>();
  if (channel >= c) return;
  Normalisation<V> normal;
  normal.read(gamma, beta, mean, invStd, 0, 0, channel);
  float b[V], d[V];
#pragma unroll
  for (int i = 0; i < V; ++i) {
    b[i] = coefficients[channel + i];
    d[i] = coefficients[c + channel + i];
  }
  Descent rowsLeft(rows);
#pragma unroll 2
  for (long long row = rowsLeft.row; row < rowsLeft.end; row += blockDim.y) {
    long long at = row * c + channel;
    float g[V], v[V];
    load<V>(dy + at, g);
    load<V>(x + at, v);
    unmask<V>(y, at, normal, v, cut, g);
    if (dresidual) storeOrAdd<V>(dresidual + at, g, addToDresidual);
#pragma unroll
    for (int i = 0; i < V; ++i) {
      v[i] = fmaf(normal.scale[i], g[i], fmaf(b[i], v[i] - normal.mean[i], d[i]));
    }
    storeOrAdd<V>(dx + at, v, addToDx);
  }
}

/// `dx (+)=` the gradient of the input, and `dresidual (+)= g` unless it is null.
KERNEL(256)
batchNormGradientApply(
    const Map *dy, const Map *x, const Map *y, const float *gamma, const float *beta,
    const float *mean, const float *invStd, const float *coefficients, long long rows, int c,
    int width, int cut, Map *dx, int addToDx, Map *dresidual, int addToDresidual) {
  if (width > 1) {
    gradientOfRows<mapWidth>(
        dy, x, y, gamma, beta, mean, invStd, coefficients, rows, c, cut, dx, addToDx, dresidual,
        addToDresidual);
  } else {
    gradientOfRows<1>(
        dy, x, y, gamma, beta, mean, invStd, coefficients, rows, c, cut, dx, addToDx, dresidual,
        addToDresidual);
  }
}

template <int V>
DEVICE void fixedGradientOfRows(
    const Map *dy, const Map *y, const float *gamma, const float *variance, float epsilon,
    long long rows, int c, int cut, Map *dx, int addToDx, Map *dresidual, int addToDresidual) {
  int channel = tileChannel<V>();
  if (channel >= c) return;
  float scale[V];
#pragma unroll
  for (int i = 0; i < V; ++i) {
    scale[i] = gamma[channel + i] / sqrtf(variance[channel + i] + epsilon);
  }
  long long step = (long long)gridDim.y * blockDim.y;
#pragma unroll 2
  for (long long row = (long long)blockIdx.y * blockDim.y + threadIdx.y; row < rows; row += step) {
    long long at = row * c + channel;
    float g[V], v[V];
    load<V>(dy + at, g);
    if (cut) {
      load<V>(y + at, v);
#pragma unroll
      for (int i = 0; i < V; ++i) {
        if (v[i] <= 0) g[i] = 0;
      }
    }
    if (dresidual) storeOrAdd<V>(dresidual + at, g, addToDresidual);
#pragma unroll
    for (int i = 0; i < V; ++i) g[i] *= scale[i];
    storeOrAdd<V>(dx + at, g, addToDx);
  }
}

/// The gradients of a layer that normalises by fixed statistics.
KERNEL(256)
batchNormInferenceGradient(
    const Map *dy, const Map *y, const float *gamma, const float *variance, float epsilon,
    long long rows, int c, int width, int cut, Map *dx, int addToDx, Map *dresidual,
    int addToDresidual) {
  if (width > 1) {
    fixedGradientOfRows<mapWidth>(
        dy, y, gamma, variance, epsilon, rows, c, cut, dx, addToDx, dresidual, addToDresidual);
  } else {
    fixedGradientOfRows<1>(
        dy, y, gamma, variance, epsilon, rows, c, cut, dx, addToDx, dresidual, addToDresidual);
  }
}
