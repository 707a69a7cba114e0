// What looks at each value by itself, sums of columns and of slabs, and what runs over pixels without
// windows. Flat kernels go through their values in steps of the whole grid, 16 bytes at a time; arrays
// begin at multiples of 16 bytes.

template <class From, class To> struct CastValues {
  const From *x;
  To *y;
  int accumulate;
  template <int V> DEVICE void at(long long i) const {
    float v[V];
    load<V>(x + i, v);
    storeOrAdd<V>(y + i, v, accumulate);
  }
};

/// Runs a piece of work over groups of V values, and over the values that are left one by one.
template <int V, class Work> DEVICE void forEachGroup(long long count, const Work &work) {
  long long groups = count / V;
#pragma unroll 4
  for (long long i = gridThread(); i < groups; i += gridThreads()) work.template at<V>(i * V);
  long long rest = groups * V + gridThread();
  if (rest < count) work.template at<1>(rest);
}

/// `y (+)= x`.
KERNEL(256) castFromFloat(const float *x, long long count, int accumulate, Map *y) {
  forEachGroup<mapWidth>(count, CastValues<float, Map>{x, y, accumulate});
}

/// `y (+)= x`.
KERNEL(256) castToFloat(const Map *x, long long count, int accumulate, float *y) {
  forEachGroup<mapWidth>(count, CastValues<Map, float>{x, y, accumulate});
}

/// `y (+)= x` between maps.
KERNEL(256) castMaps(const Map *x, long long count, int accumulate, Map *y) {
  forEachGroup<mapWidth>(count, CastValues<Map, Map>{x, y, accumulate});
}

template <class T> struct ReluGradients {
  const T *dy, *y;
  T *first;
  int addToFirst;
  T *second;
  int addToSecond;
  template <int V> DEVICE void at(long long i) const {
    float g[V], out[V];
    load<V>(dy + i, g);
    if (y) {
      load<V>(y + i, out);
#pragma unroll
      for (int k = 0; k < V; ++k) {
        if (out[k] <= 0) g[k] = 0;
      }
    }
    storeOrAdd<V>(first + i, g, addToFirst);
    if (second) storeOrAdd<V>(second + i, g, addToSecond);
  }
};

/// `out (+)= dy` where y > 0, else 0; everywhere where y is null.
KERNEL(256)
reluGradient(const Map *dy, const Map *y, long long count, int accumulate, Map *out) {
  forEachGroup<mapWidth>(count, ReluGradients<Map>{dy, y, out, accumulate, nullptr, 0});
}
KERNEL(256)
reluGradientFloat(const float *dy, const float *y, long long count, int accumulate, float *out) {
  forEachGroup<4>(count, ReluGradients<float>{dy, y, out, accumulate, nullptr, 0});
}

/// The gradient of a sum, masked by y unless that is null, to both summands.
KERNEL(256)
addGradient(
    const Map *dy, const Map *y, long long count, Map *da, int addToA, Map *db, int addToB) {
  forEachGroup<mapWidth>(count, ReluGradients<Map>{dy, y, da, addToA, db, addToB});
}
KERNEL(256)
addGradientFloat(
    const float *dy, const float *y, long long count, float *da, int addToA, float *db,
    int addToB) {
  forEachGroup<4>(count, ReluGradients<float>{dy, y, da, addToA, db, addToB});
}

template <class T> struct Sums {
  const T *a, *b;
  int cut;
  T *y;
  template <int V> DEVICE void at(long long i) const {
    float v[V], w[V];
    load<V>(a + i, v);
    load<V>(b + i, w);
#pragma unroll
    for (int k = 0; k < V; ++k) {
      v[k] += w[k];
      if (cut) v[k] = relu(v[k]);
    }
    store<V>(y + i, v);
  }
};

/// `y = [relu](a + b)`.
KERNEL(256) addMaps(const Map *a, const Map *b, long long count, int cut, Map *y) {
  forEachGroup<mapWidth>(count, Sums<Map>{a, b, cut, y});
}
KERNEL(256) addMapsFloat(const float *a, const float *b, long long count, int cut, float *y) {
  forEachGroup<4>(count, Sums<float>{a, b, cut, y});
}

template <int V, class T>
DEVICE void biasToRows(T *y, const float *bias, long long rows, int c, int cut) {
  int channel = tileChannel<V>();
  if (channel >= c) return;
  float b[V], v[V];
#pragma unroll
  for (int i = 0; i < V; ++i) b[i] = bias[channel + i];
  long long step = (long long)gridDim.y * blockDim.y;
#pragma unroll 4
  for (long long row = (long long)blockIdx.y * blockDim.y + threadIdx.y; row < rows; row += step) {
    load<V>(y + row * c + channel, v);
#pragma unroll
    for (int i = 0; i < V; ++i) {
      v[i] += b[i];
      if (cut) v[i] = relu(v[i]);
    }
    store<V>(y + row * c + channel, v);
  }
}

/// `y [rows, c] = [relu](y + bias)`; tiles of rows and channels.
KERNEL(256)
addBias(Map *y, const float *bias, long long rows, int c, int width, int cut) {
  if (width > 1) {
    biasToRows<mapWidth>(y, bias, rows, c, cut);
  } else {
    biasToRows<1>(y, bias, rows, c, cut);
  }
}
KERNEL(256)
addBiasFloat(float *y, const float *bias, long long rows, int c, int width, int cut) {
  if (width > 1) {
    biasToRows<4>(y, bias, rows, c, cut);
  } else {
    biasToRows<1>(y, bias, rows, c, cut);
  }
}

template <int V, class T>
DEVICE void columnsOfRows(
    const T *x, long long rows, int c, long long rowsPerBlock, float *parts) {
  int channel = tileChannel<V>();
  float sums[V], none[V], v[V];
#pragma unroll
  for (int i = 0; i < V; ++i) sums[i] = none[i] = 0;
  if (channel < c) {
    long long first = blockIdx.y * rowsPerBlock;
    long long end = lesser(first + rowsPerBlock, rows);
#pragma unroll 4
    for (long long row = first + threadIdx.y; row < end; row += blockDim.y) {
      load<V>(x + row * c + channel, v);
#pragma unroll
      for (int i = 0; i < V; ++i) sums[i] += v[i];
    }
  }
  if (sumOverRows<V>(sums, none) && channel < c) {
#pragma unroll
    for (int i = 0; i < V; ++i) parts[(long long)blockIdx.y * c + channel + i] = sums[i];
  }
}

/// Sums of the columns of `x [rows, c]` over each block's rows: `parts [gridDim.y][c]`; tiles of rows and
/// channels.
KERNEL(256)
columnSums(const Map *x, long long rows, int c, int width, long long rowsPerBlock, float *parts) {
  if (width > 1) {
    columnsOfRows<mapWidth>(x, rows, c, rowsPerBlock, parts);
  } else {
    columnsOfRows<1>(x, rows, c, rowsPerBlock, parts);
  }
}
KERNEL(256)
columnSumsFloat(
    const float *x, long long rows, int c, int width, long long rowsPerBlock, float *parts) {
  if (width > 1) {
    columnsOfRows<4>(x, rows, c, rowsPerBlock, parts);
  } else {
    columnsOfRows<1>(x, rows, c, rowsPerBlock, parts);
  }
}

/// `y [count] (+)=` sum of `parts [partCount][count]`, in order and in double precision.
KERNEL(256)
sumParts(const float *parts, int partCount, long long count, int accumulate, float *y) {
  for (long long i = gridThread(); i < count; i += gridThreads()) {
    double sum = accumulate ? (double)y[i] : 0;
    for (int part = 0; part < partCount; ++part) sum += (double)parts[part * count + i];
    y[i] = (float)sum;
  }
}

struct ScaledSum {
  float *y;
  const float *x;
  float keep, weight;
  template <int V> DEVICE void at(long long i) const {
    float v[V], old[V];
    load<V>(x + i, v);
    if (keep != 0) load<V>(y + i, old);
#pragma unroll
    for (int k = 0; k < V; ++k) v[k] = fmaf(weight, v[k], keep != 0 ? keep * old[k] : 0);
    store<V>(y + i, v);
  }
};

/// `y = keep · y + weight · x`; with keep 0 whatever y was.
KERNEL(256) scaleAdd(float *y, const float *x, long long count, float keep, float weight) {
  forEachGroup<4>(count, ScaledSum{y, x, keep, weight});
}

/// Sums of squares, one of each block of 256 threads.
KERNEL(256) sumOfSquares(const float *x, long long count, double *parts) {
  __shared__ double shared[256];
  double sum = 0;
  long long groups = count / 4;
  for (long long i = gridThread(); i < groups; i += gridThreads()) {
    float v[4];
    load<4>(x + 4 * i, v);
    sum += (double)fmaf(v[0], v[0], v[1] * v[1]) + (double)fmaf(v[2], v[2], v[3] * v[3]);
  }
  long long rest = 4 * groups + gridThread();
  if (rest < count) sum += (double)x[rest] * (double)x[rest];
  sum = blockSum(sum, shared);
  if (threadIdx.x == 0) parts[blockIdx.x] = sum;
}

/// Sum of the parts by one block of 256 threads.
KERNEL(256) sumOfSquaresFinish(const double *parts, int count, double *result) {
  __shared__ double shared[256];
  double sum = 0;
  for (int i = (int)threadIdx.x; i < count; i += 256) sum += parts[i];
  sum = blockSum(sum, shared);
  if (threadIdx.x == 0) *result = sum;
}

template <class T> struct NotFinite {
  const T *x;
  int *flag;
  template <int V> DEVICE void at(long long i) const {
    float v[V];
    load<V>(x + i, v);
    // Zero times what is not finite is no number; every thread that finds one writes the same.
#pragma unroll
    for (int k = 0; k < V; ++k) {
      if (v[k] * 0 != 0) *flag = 1;
    }
  }
};

/// Sets `flag` to 1 where a value is infinite or no number; else leaves it.
KERNEL(256) findNotFinite(const float *x, long long count, int *flag) {
  forEachGroup<4>(count, NotFinite<float>{x, flag});
}
KERNEL(256) findNotFiniteMap(const Map *x, long long count, int *flag) {
  forEachGroup<mapWidth>(count, NotFinite<Map>{x, flag});
}

/// Constants of a node, sixteen at a time: `out[first + i] = value i`, those below `count`.
KERNEL(32)
writeFloats(
    float *out, int first, int count, float a, float b, float c, float d, float e, float f, float g,
    float h, float i, float j, float k, float l, float m, float n, float o, float p) {
  if (threadIdx.x != 0 || blockIdx.x != 0) return;
  float v[16] = {a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p};
#pragma unroll
  for (int at = 0; at < 16; ++at) {
    if (at < count) out[first + at] = v[at];
  }
}

/// Addresses of tensors, twelve at a time: `out[first + i] = address i`.
KERNEL(32)
writeAddresses(
    float **out, int first, float *a, float *b, float *c, float *d, float *e, float *f, float *g,
    float *h, float *i, float *j, float *k, float *l) {
  if (threadIdx.x != 0 || blockIdx.x != 0) return;
  float *v[12] = {a, b, c, d, e, f, g, h, i, j, k, l};
#pragma unroll
  for (int at = 0; at < 12; ++at) out[first + at] = v[at];
}
