// Pooling and upsampling of `[n, h, w, c]`. Rows of the tiles (Common.cu) are pixels of the output, or of
// the input for gradients, which are gathered; there are fewer than 2³¹ of them.

/// One byte for each of V values.
template <int V> DEVICE void storeBytes(uint8_t *p, const int (&v)[V]) {
  if constexpr (V == 1) {
    p[0] = (uint8_t)v[0];
  } else if constexpr (V == 4) {
    *(uint32_t MAY_ALIAS *)p = (uint32_t)(v[0] | v[1] << 8 | v[2] << 16 | v[3] << 24);
  } else {
    WordPair w = {
        (uint32_t)(v[0] | v[1] << 8 | v[2] << 16 | v[3] << 24),
        (uint32_t)(v[4] | v[5] << 8 | v[6] << 16 | v[7] << 24)};
    *(WordPair *)p = w;
  }
}

template <int V> DEVICE void loadBytes(const uint8_t *p, int (&v)[V]) {
  if constexpr (V == 1) {
    v[0] = p[0];
  } else {
    uint32_t words[2];
    if constexpr (V == 4) {
      words[0] = *(const uint32_t MAY_ALIAS *)p;
    } else {
      WordPair w = *(const WordPair *)p;
      words[0] = w.a;
      words[1] = w.b;
    }
#pragma unroll
    for (int i = 0; i < V; ++i) v[i] = (int)(words[i / 4] >> (8 * (i % 4)) & 0xff);
  }
}

/// A pixel of a map of h rows and w columns.
struct Pixel {
  unsigned image, y, x;
  DEVICE Pixel(unsigned row, unsigned h, unsigned w) {
    unsigned line = row / w;
    x = row - line * w;
    image = line / h;
    y = line - image * h;
  }
};

/// The thread's first row, and the step to its next.
DEVICE unsigned firstRow() { return blockIdx.y * blockDim.y + threadIdx.y; }
DEVICE unsigned rowStep() { return gridDim.y * blockDim.y; }

struct PoolShape {
  int n, h, w, c, kernel, stride, padding, outputHeight, outputWidth;
};

/// Keeps the larger of the values, and where it stood. A NaN wins.
template <int V>
DEVICE void takeLarger(const float (&v)[V], int code, float (&best)[V], int (&at)[V]) {
#pragma unroll
  for (int i = 0; i < V; ++i) {
    if (v[i] > best[i] || v[i] != v[i]) {
      best[i] = v[i];
      at[i] = code;
    }
  }
}

template <int V>
DEVICE void poolRows(
    const Map *x, const PoolShape &s, const float *bias, int cut, Map *y, uint8_t *position) {
  int channel = tileChannel<V>();
  if (channel >= s.c) return;
  float added[V];
#pragma unroll
  for (int i = 0; i < V; ++i) added[i] = bias ? bias[channel + i] : 0;
  unsigned rows = (unsigned)(s.n * s.outputHeight * s.outputWidth);
  bool isHalving = s.kernel == 2 && s.stride == 2 && s.padding == 0;
  for (unsigned row = firstRow(); row < rows; row += rowStep()) {
    Pixel out(row, (unsigned)s.outputHeight, (unsigned)s.outputWidth);
    const Map *picture = x + (long long)out.image * s.h * s.w * s.c + channel;
    float best[V];
    int at[V];
    if (isHalving) {
      const Map *p = picture + ((long long)(2 * out.y) * s.w + 2 * out.x) * s.c;
      float b[V], c[V], d[V];
      load<V>(p, best);
      load<V>(p + s.c, b);
      load<V>(p + (long long)s.w * s.c, c);
      load<V>(p + (long long)s.w * s.c + s.c, d);
#pragma unroll
      for (int i = 0; i < V; ++i) at[i] = 0;
      takeLarger<V>(b, 1, best, at);
      takeLarger<V>(c, 2, best, at);
      takeLarger<V>(d, 3, best, at);
    } else {
      int top = (int)out.y * s.stride - s.padding;
      int left = (int)out.x * s.stride - s.padding;
      int low = greater(top, 0), high = lesser(top + s.kernel, s.h);
      int from = greater(left, 0), to = lesser(left + s.kernel, s.w);
#pragma unroll
      for (int i = 0; i < V; ++i) {
        best[i] = floatFromBits(0xff800000);
        at[i] = (low - top) * s.kernel + from - left;
      }
      for (int iy = low; iy < high; ++iy) {
        for (int ix = from; ix < to; ++ix) {
          float v[V];
          load<V>(picture + ((long long)iy * s.w + ix) * s.c, v);
          takeLarger<V>(v, (iy - top) * s.kernel + ix - left, best, at);
        }
      }
    }
#pragma unroll
    for (int i = 0; i < V; ++i) {
      best[i] += added[i];
      if (cut) best[i] = relu(best[i]);
    }
    long long to = (long long)row * s.c + channel;
    store<V>(y + to, best);
    storeBytes<V>(position + to, at);
  }
}

/// Largest of each window, with its position `ky · kernel + kx`, plus a bias where there is one.
KERNEL(256)
maxPool(
    const Map *x, int n, int h, int w, int c, int kernel, int stride, int padding, int outputHeight,
    int outputWidth, int width, const float *bias, int cut, Map *y, uint8_t *position) {
  PoolShape s = {n, h, w, c, kernel, stride, padding, outputHeight, outputWidth};
  if (width > 1) {
    poolRows<mapWidth>(x, s, bias, cut, y, position);
  } else {
    poolRows<1>(x, s, bias, cut, y, position);
  }
}

/// The gradient of an output's value, zero behind ReLU, and the position that it goes to.
template <int V>
DEVICE void pooledGradient(
    const Map *dy, const uint8_t *position, const Map *y, long long at, float (&g)[V],
    int (&code)[V]) {
  load<V>(dy + at, g);
  loadBytes<V>(position + at, code);
  if (!y) return;
  float out[V];
  load<V>(y + at, out);
#pragma unroll
  for (int i = 0; i < V; ++i) {
    if (out[i] <= 0) g[i] = 0;
  }
}

template <int V>
DEVICE void gatherPooled(
    const Map *dy, const uint8_t *position, const Map *y, const PoolShape &s, int accumulate,
    Map *dx) {
  int channel = tileChannel<V>();
  if (channel >= s.c) return;
  unsigned rows = (unsigned)(s.n * s.h * s.w);
  for (unsigned row = firstRow(); row < rows; row += rowStep()) {
    Pixel in(row, (unsigned)s.h, (unsigned)s.w);
    int py = (int)in.y + s.padding, px = (int)in.x + s.padding;
    int lowest = py < s.kernel ? 0 : (py - s.kernel) / s.stride + 1;
    int leftmost = px < s.kernel ? 0 : (px - s.kernel) / s.stride + 1;
    int highest = lesser(py / s.stride, s.outputHeight - 1);
    int rightmost = lesser(px / s.stride, s.outputWidth - 1);
    float sum[V];
#pragma unroll
    for (int i = 0; i < V; ++i) sum[i] = 0;
    for (int oy = lowest; oy <= highest; ++oy) {
      for (int ox = leftmost; ox <= rightmost; ++ox) {
        long long at =
            (((long long)in.image * s.outputHeight + oy) * s.outputWidth + ox) * s.c + channel;
        int wanted = (py - oy * s.stride) * s.kernel + px - ox * s.stride;
        float g[V];
        int code[V];
        pooledGradient<V>(dy, position, y, at, g, code);
#pragma unroll
        for (int i = 0; i < V; ++i) {
          if (code[i] == wanted) sum[i] += g[i];
        }
      }
    }
    storeOrAdd<V>(dx + (long long)row * s.c + channel, sum, accumulate);
  }
}

/// Windows of 2×2 side by side: each gradient is read once and goes to four pixels. Pixels at the
/// lower and right edge that fill no window count as parts of windows without a gradient.
template <int V>
DEVICE void spreadHalved(
    const Map *dy, const uint8_t *position, const Map *y, const PoolShape &s, int accumulate,
    Map *dx) {
  int channel = tileChannel<V>();
  if (channel >= s.c) return;
  int windowRows = (s.h + 1) / 2, windowColumns = (s.w + 1) / 2;
  unsigned rows = (unsigned)(s.n * windowRows * windowColumns);
  for (unsigned row = firstRow(); row < rows; row += rowStep()) {
    Pixel window(row, (unsigned)windowRows, (unsigned)windowColumns);
    int oy = (int)window.y, ox = (int)window.x;
    float g[V];
    int code[V];
    if (oy < s.outputHeight && ox < s.outputWidth) {
      long long at =
          (((long long)window.image * s.outputHeight + oy) * s.outputWidth + ox) * s.c + channel;
      pooledGradient<V>(dy, position, y, at, g, code);
    } else {
#pragma unroll
      for (int i = 0; i < V; ++i) {
        g[i] = 0;
        code[i] = 4;
      }
    }
#pragma unroll
    for (int k = 0; k < 4; ++k) {
      int iy = 2 * oy + k / 2, ix = 2 * ox + k % 2;
      if (iy >= s.h || ix >= s.w) continue;
      float part[V];
#pragma unroll
      for (int i = 0; i < V; ++i) part[i] = code[i] == k ? g[i] : 0;
      long long at = (((long long)window.image * s.h + iy) * s.w + ix) * s.c + channel;
      storeOrAdd<V>(dx + at, part, accumulate);
    }
  }
}

/// `dx (+)=` the gradients of the windows whose largest value a pixel held; with y only of those above
/// zero (ReLU).
KERNEL(256)
maxPoolGradient(
    const Map *dy, const uint8_t *position, const Map *y, int n, int h, int w, int c, int kernel,
    int stride, int padding, int outputHeight, int outputWidth, int width, int accumulate, Map *dx) {
  PoolShape s = {n, h, w, c, kernel, stride, padding, outputHeight, outputWidth};
  if (kernel == 2 && stride == 2 && padding == 0) {
    if (width > 1) {
      spreadHalved<mapWidth>(dy, position, y, s, accumulate, dx);
    } else {
      spreadHalved<1>(dy, position, y, s, accumulate, dx);
    }
  } else if (width > 1) {
    gatherPooled<mapWidth>(dy, position, y, s, accumulate, dx);
  } else {
    gatherPooled<1>(dy, position, y, s, accumulate, dx);
  }
}

template <int V> DEVICE void averageImage(const Map *x, int pixels, int c, float *y) {
  int channel = tileChannel<V>();
  float sums[V], none[V], v[V];
#pragma unroll
  for (int i = 0; i < V; ++i) sums[i] = none[i] = 0;
  if (channel < c) {
    for (int pixel = (int)threadIdx.y; pixel < pixels; pixel += (int)blockDim.y) {
      load<V>(x + ((long long)blockIdx.y * pixels + pixel) * c + channel, v);
#pragma unroll
      for (int i = 0; i < V; ++i) sums[i] += v[i];
    }
  }
  if (sumOverRows<V>(sums, none) && channel < c) {
    float scale = 1 / (float)pixels;
#pragma unroll
    for (int i = 0; i < V; ++i) y[(long long)blockIdx.y * c + channel + i] = sums[i] * scale;
  }
}

/// Mean over the pixels of each image, which is a block in y.
KERNEL(256) globalAveragePool(const Map *x, int pixels, int c, int width, float *y) {
  if (width > 1) {
    averageImage<mapWidth>(x, pixels, c, y);
  } else {
    averageImage<1>(x, pixels, c, y);
  }
}

template <int V>
DEVICE void spreadMean(const float *dy, int n, int pixels, int c, int accumulate, Map *dx) {
  int channel = tileChannel<V>();
  if (channel >= c) return;
  unsigned rows = (unsigned)(n * pixels);
  float scale = 1 / (float)pixels;
  for (unsigned row = firstRow(); row < rows; row += rowStep()) {
    float g[V];
    load<V>(dy + (long long)(row / (unsigned)pixels) * c + channel, g);
#pragma unroll
    for (int i = 0; i < V; ++i) g[i] *= scale;
    storeOrAdd<V>(dx + (long long)row * c + channel, g, accumulate);
  }
}

/// Spreads the gradient of a mean over the pixels of each image.
KERNEL(256)
globalAveragePoolGradient(
    const float *dy, int n, int pixels, int c, int width, int accumulate, Map *dx) {
  if (width > 1) {
    spreadMean<mapWidth>(dy, n, pixels, c, accumulate, dx);
  } else {
    spreadMean<1>(dy, n, pixels, c, accumulate, dx);
  }
}

/// Where a new row or column comes from: two places, and the weight of the second. Bilinear is linear
/// between pixel centres, clamped at the edges (PyTorch's `align_corners=False`).
struct Source {
  int low, high;
  float weight;
  DEVICE Source(int at, int extent, int factor, int bilinear) {
    if (!bilinear) {
      low = high = at / factor;
      weight = 0;
    } else if (at % 2 == 0) {
      high = at / 2;
      low = greater(high - 1, 0);
      weight = high == 0 ? 1 : 0.75f;
    } else {
      low = at / 2;
      high = lesser(low + 1, extent - 1);
      weight = 0.25f;
    }
  }
  /// How much is taken from an old place.
  DEVICE float share(int old) const {
    return (low == old ? 1 - weight : 0) + (high == old ? weight : 0);
  }
};

template <int V>
DEVICE void upsampleRows(
    const Map *x, int n, int h, int w, int c, int factor, int bilinear, Map *y) {
  int channel = tileChannel<V>();
  if (channel >= c) return;
  unsigned rows = (unsigned)(n * h * factor * w * factor);
  for (unsigned row = firstRow(); row < rows; row += rowStep()) {
    Pixel out(row, (unsigned)(h * factor), (unsigned)(w * factor));
    Source down((int)out.y, h, factor, bilinear), across((int)out.x, w, factor, bilinear);
    const Map *picture = x + (long long)out.image * h * w * c + channel;
    const Map *low = picture + (long long)down.low * w * c;
    const Map *high = picture + (long long)down.high * w * c;
    float v[V];
    load<V>(low + (long long)across.low * c, v);
    if (bilinear) {
      float b[V], d[V], e[V];
      load<V>(low + (long long)across.high * c, b);
      load<V>(high + (long long)across.low * c, d);
      load<V>(high + (long long)across.high * c, e);
#pragma unroll
      for (int i = 0; i < V; ++i) {
        float top = (1 - across.weight) * v[i] + across.weight * b[i];
        float bottom = (1 - across.weight) * d[i] + across.weight * e[i];
        v[i] = (1 - down.weight) * top + down.weight * bottom;
      }
    }
    store<V>(y + (long long)row * c + channel, v);
  }
}

/// Multiplies rows and columns by a factor; bilinear by two only.
KERNEL(256)
upsample(
    const Map *x, int n, int h, int w, int c, int factor, int bilinear, int width, Map *y) {
  if (width > 1) {
    upsampleRows<mapWidth>(x, n, h, w, c, factor, bilinear, y);
  } else {
    upsampleRows<1>(x, n, h, w, c, factor, bilinear, y);
  }
}

template <int V>
DEVICE void gatherUpsampled(
    const Map *dy, int n, int h, int w, int c, int factor, int bilinear, int accumulate, Map *dx) {
  int channel = tileChannel<V>();
  if (channel >= c) return;
  unsigned rows = (unsigned)(n * h * w);
  int reach = bilinear ? 1 : 0;
  for (unsigned row = firstRow(); row < rows; row += rowStep()) {
    Pixel in(row, (unsigned)h, (unsigned)w);
    int y = (int)in.y, x = (int)in.x;
    int top = greater(factor * y - reach, 0);
    int bottom = lesser(factor * (y + 1) + reach, factor * h);
    int left = greater(factor * x - reach, 0);
    int right = lesser(factor * (x + 1) + reach, factor * w);
    const Map *picture = dy + (long long)in.image * factor * h * factor * w * c + channel;
    float sum[V];
#pragma unroll
    for (int i = 0; i < V; ++i) sum[i] = 0;
    for (int oy = top; oy < bottom; ++oy) {
      float down = Source(oy, h, factor, bilinear).share(y);
      for (int ox = left; ox < right; ++ox) {
        float share = down * Source(ox, w, factor, bilinear).share(x);
        float g[V];
        load<V>(picture + ((long long)oy * factor * w + ox) * c, g);
#pragma unroll
        for (int i = 0; i < V; ++i) sum[i] = fmaf(share, g[i], sum[i]);
      }
    }
    storeOrAdd<V>(dx + (long long)row * c + channel, sum, accumulate);
  }
}

/// Gathers the gradient from the multiplied rows and columns.
KERNEL(256)
upsampleGradient(
    const Map *dy, int n, int h, int w, int c, int factor, int bilinear, int width, int accumulate,
    Map *dx) {
  if (width > 1) {
    gatherUpsampled<mapWidth>(dy, n, h, w, c, factor, bilinear, accumulate, dx);
  } else {
    gatherUpsampled<1>(dy, n, h, w, c, factor, bilinear, accumulate, dx);
  }
}
