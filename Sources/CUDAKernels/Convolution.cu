// Convolutions and matrix products without NVIDIA's libraries: for where these have no engine or are
// missing. Tiles of 64 × 64 results, sixteen products deep, through shared memory; 256 threads with 4 × 4
// results each. Filters are `[out, kh, kw, in]`; maps, filters and results may each be `float`.

enum { tile = 64, tileDepth = 16 };

/// What a block works with, and its product: `result (64 × 64) += a (64 × depth) · b (depth × 64)`.
///
/// `Source` says what stands at a row and a depth of a, and at a depth and a column of b, and takes the
/// results; values outside are 0.
template <class Source> DEVICE void tiledProduct(const Source &source, long long from, long long to) {
  __shared__ float as[tileDepth][tile + 4], bs[tileDepth][tile + 4];
  int thread = (int)threadIdx.x;
  long long rowBase = (long long)blockIdx.x * tile;
  int columnBase = (int)blockIdx.y * tile;
  float sum[4][4];
#pragma unroll
  for (int r = 0; r < 4; ++r) {
#pragma unroll
    for (int c = 0; c < 4; ++c) sum[r][c] = 0;
  }
  for (long long depth = from; depth < to; depth += tileDepth) {
    __syncthreads();
#pragma unroll
    for (int i = 0; i < tile * tileDepth / 256; ++i) {
      int at = thread + i * 256;
      // Neighbouring threads take what are neighbours in memory.
      int r = Source::rowsAreNear ? at % tile : at / tileDepth;
      int d = Source::rowsAreNear ? at / tile : at % tileDepth;
      as[d][r] = depth + d < to ? source.a(rowBase + r, depth + d) : 0;
      int c = Source::columnsAreNear ? at % tile : at / tileDepth;
      d = Source::columnsAreNear ? at / tile : at % tileDepth;
      bs[d][c] = depth + d < to ? source.b(depth + d, columnBase + c) : 0;
    }
    __syncthreads();
#pragma unroll
    for (int d = 0; d < tileDepth; ++d) {
      float a[4], b[4];
#pragma unroll
      for (int r = 0; r < 4; ++r) a[r] = as[d][thread / 16 * 4 + r];
#pragma unroll
      for (int c = 0; c < 4; ++c) b[c] = bs[d][thread % 16 * 4 + c];
#pragma unroll
      for (int r = 0; r < 4; ++r) {
#pragma unroll
        for (int c = 0; c < 4; ++c) sum[r][c] = fmaf(a[r], b[c], sum[r][c]);
      }
    }
  }
#pragma unroll
  for (int r = 0; r < 4; ++r) {
#pragma unroll
    for (int c = 0; c < 4; ++c) {
      source.put(rowBase + thread / 16 * 4 + r, columnBase + thread % 16 * 4 + c, sum[r][c]);
    }
  }
}

/// A convolution's extents: `x [n, h, w, c]`, `y [n, outputHeight, outputWidth, k]`.
struct ConvolutionShape {
  int n, h, w, c, k, kernelHeight, kernelWidth, stride, padding, outputHeight, outputWidth;

  DEVICE long long pixels() const { return (long long)n * h * w; }
  DEVICE long long outputPixels() const { return (long long)n * outputHeight * outputWidth; }
  /// Values of one filter.
  DEVICE int filter() const { return kernelHeight * kernelWidth * c; }

  /// Where an output's pixel finds a value of its window; below 0 outside the picture.
  DEVICE long long inputAt(long long pixel, int place) const {
    int channel = place % c;
    int tap = place / c;
    long long line = pixel / outputWidth;
    int ox = (int)(pixel - line * outputWidth);
    long long image = line / outputHeight;
    int oy = (int)(line - image * outputHeight);
    int iy = oy * stride - padding + tap / kernelWidth;
    int ix = ox * stride - padding + tap % kernelWidth;
    if (iy < 0 || iy >= h || ix < 0 || ix >= w) return -1;
    return ((image * h + iy) * w + ix) * c + channel;
  }
};

struct ForwardSource {
  static constexpr bool rowsAreNear = false, columnsAreNear = false;
  ConvolutionShape s;
  const void *x;
  int floatX;
  const void *filters;
  int floatFilters;
  const float *bias;
  int cut;
  int accumulate;
  void *y;
  int floatY;

  DEVICE float a(long long pixel, long long place) const {
    if (pixel >= s.outputPixels()) return 0;
    long long at = s.inputAt(pixel, (int)place);
    return at < 0 ? 0 : numberAt(x, at, floatX);
  }
  DEVICE float b(long long place, int k) const {
    return k < s.k ? numberAt(filters, (long long)k * s.filter() + place, floatFilters) : 0;
  }
  DEVICE void put(long long pixel, int k, float sum) const {
    if (pixel >= s.outputPixels() || k >= s.k) return;
    long long at = pixel * s.k + k;
    if (bias) sum += bias[k];
    if (cut) sum = relu(sum);
    putAt(y, at, floatY, accumulate ? numberAt(y, at, floatY) + sum : sum);
  }
};

/// `y (+)= [relu](x * filters [+ bias])`; `float…` is not 0 where values are `float` whatever maps are; also
/// the data gradient of a transposed convolution. Blocks in x over the output's pixels, in y over its
/// channels.
KERNEL(256)
convolutionForward(
    const void *x, int floatX, const void *filters, int floatFilters, const float *bias, int n,
    int h, int w, int c, int k, int kernelHeight, int kernelWidth, int stride, int padding,
    int outputHeight, int outputWidth, int cut, int accumulate, void *y, int floatY) {
  ConvolutionShape s = {
      n, h, w, c, k, kernelHeight, kernelWidth, stride, padding, outputHeight, outputWidth};
  tiledProduct(
      ForwardSource{s, x, floatX, filters, floatFilters, bias, cut, accumulate, y, floatY}, 0,
      s.filter());
}

struct DataGradientSource {
  static constexpr bool rowsAreNear = false, columnsAreNear = true;
  ConvolutionShape s;
  const void *dy;
  int floatDy;
  const void *filters;
  int floatFilters;
  int accumulate;
  void *dx;
  int floatDx;

  DEVICE float a(long long pixel, long long place) const {
    if (pixel >= s.pixels()) return 0;
    int k = (int)(place % s.k);
    int tap = (int)(place / s.k);
    long long line = pixel / s.w;
    int ix = (int)(pixel - line * s.w);
    long long image = line / s.h;
    int iy = (int)(line - image * s.h);
    int y = iy + s.padding - tap / s.kernelWidth;
    int x = ix + s.padding - tap % s.kernelWidth;
    if (y < 0 || x < 0 || y % s.stride != 0 || x % s.stride != 0) return 0;
    y /= s.stride;
    x /= s.stride;
    if (y >= s.outputHeight || x >= s.outputWidth) return 0;
    return numberAt(dy, ((image * s.outputHeight + y) * s.outputWidth + x) * s.k + k, floatDy);
  }
  DEVICE float b(long long place, int c) const {
    if (c >= s.c) return 0;
    int k = (int)(place % s.k);
    int tap = (int)(place / s.k);
    return numberAt(filters, (long long)k * s.filter() + (long long)tap * s.c + c, floatFilters);
  }
  DEVICE void put(long long pixel, int c, float sum) const {
    if (pixel >= s.pixels() || c >= s.c) return;
    long long at = pixel * s.c + c;
    putAt(dx, at, floatDx, accumulate ? numberAt(dx, at, floatDx) + sum : sum);
  }
};

/// `dx (+)=` the gradient of the input of a convolution, whose extents these are; also what a transposed
/// convolution computes of its input `dy`. Blocks in x over the pixels of dx, in y over its channels.
KERNEL(256)
convolutionDataGradient(
    const void *dy, int floatDy, const void *filters, int floatFilters, int n, int h, int w, int c,
    int k, int kernelHeight, int kernelWidth, int stride, int padding, int outputHeight,
    int outputWidth, int accumulate, void *dx, int floatDx) {
  ConvolutionShape s = {
      n, h, w, c, k, kernelHeight, kernelWidth, stride, padding, outputHeight, outputWidth};
  tiledProduct(
      DataGradientSource{s, dy, floatDy, filters, floatFilters, accumulate, dx, floatDx}, 0,
      (long long)kernelHeight * kernelWidth * k);
}

struct WeightGradientSource {
  static constexpr bool rowsAreNear = true, columnsAreNear = true;
  ConvolutionShape s;
  const void *x;
  int floatX;
  const void *dy;
  int floatDy;
  float *part;

  DEVICE float a(long long k, long long pixel) const {
    return k < s.k ? numberAt(dy, pixel * s.k + k, floatDy) : 0;
  }
  DEVICE float b(long long pixel, int place) const {
    if (place >= s.filter()) return 0;
    long long at = s.inputAt(pixel, place);
    return at < 0 ? 0 : numberAt(x, at, floatX);
  }
  DEVICE void put(long long k, int place, float sum) const {
    if (k < s.k && place < s.filter()) part[k * s.filter() + place] = sum;
  }
};

/// The filters' gradient `[k, kh, kw, c]` over parts of the output's pixels: `parts [gridDim.z][k · kh · kw · c]`,
/// which `sumParts` puts together; with one block in z the result. Blocks in x over k, in y over kh · kw · c,
/// in z over the pixels, `pixelsPerBlock` each.
KERNEL(256)
convolutionWeightGradient(
    const void *x, int floatX, const void *dy, int floatDy, int n, int h, int w, int c, int k,
    int kernelHeight, int kernelWidth, int stride, int padding, int outputHeight, int outputWidth,
    long long pixelsPerBlock, float *parts) {
  ConvolutionShape s = {
      n, h, w, c, k, kernelHeight, kernelWidth, stride, padding, outputHeight, outputWidth};
  long long from = blockIdx.z * pixelsPerBlock;
  long long to = lesser(from + pixelsPerBlock, s.outputPixels());
  float *part = parts + (long long)blockIdx.z * k * s.filter();
  tiledProduct(WeightGradientSource{s, x, floatX, dy, floatDy, part}, from, to);
}

template <bool transposeA, bool transposeB> struct MatrixSource {
  static constexpr bool rowsAreNear = transposeA, columnsAreNear = !transposeB;
  const float *left;
  long long leftStride;
  const float *right;
  long long rightStride;
  float *result;
  long long resultStride;
  int m, n, accumulate;

  DEVICE float a(long long row, long long depth) const {
    if (row >= m) return 0;
    return left[transposeA ? depth * leftStride + row : row * leftStride + depth];
  }
  DEVICE float b(long long depth, int column) const {
    if (column >= n) return 0;
    return right[transposeB ? column * rightStride + depth : depth * rightStride + column];
  }
  DEVICE void put(long long row, int column, float sum) const {
    if (row >= m || column >= n) return;
    float *out = result + row * resultStride + column;
    *out = accumulate ? *out + sum : sum;
  }
};

template <bool transposeA, bool transposeB>
DEVICE void multiplyTile(
    const float *a, long long strideA, const float *b, long long strideB, float *c,
    long long strideC, int m, int n, int k, int accumulate) {
  tiledProduct(
      MatrixSource<transposeA, transposeB>{a, strideA, b, strideB, c, strideC, m, n, accumulate}, 0,
      k);
}

/// `c [m, n] (+)= a · b` of matrices whose rows lie `stride…` apart: a is `[m, k]`, or `[k, m]` where it is
/// transposed, b `[k, n]` or `[n, k]`. Blocks in x over m, in y over n.
KERNEL(256)
matrixProduct(
    const float *a, long long strideA, int transposeA, const float *b, long long strideB,
    int transposeB, float *c, long long strideC, int m, int n, int k, int accumulate) {
  if (transposeA && transposeB) {
    multiplyTile<true, true>(a, strideA, b, strideB, c, strideC, m, n, k, accumulate);
  } else if (transposeA) {
    multiplyTile<true, false>(a, strideA, b, strideB, c, strideC, m, n, k, accumulate);
  } else if (transposeB) {
    multiplyTile<false, true>(a, strideA, b, strideB, c, strideC, m, n, k, accumulate);
  } else {
    multiplyTile<false, false>(a, strideA, b, strideB, c, strideC, m, n, k, accumulate);
  }
}
