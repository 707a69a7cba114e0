// Convolutions with stride 2 over few channels, folded: four pixels become one of four times the channels,
// rounded up to `depth`, and the stride one. Engines for tensor cores want 8 channels and more; pictures
// have three (Sources/BackendCUDA/Compile/FoldedConvolution.swift).

/// `folded [n, rows, columns, depth]`: pixel (r, s) holds the pixels 2(r - offset) + {0, 1} and
/// 2(s - offset) + {0, 1} of `x [n, h, w, c]`, zeros where there are none. A thread each.
template <int C>
DEVICE void foldMaps(
    const Map *x, int h, int w, long long count, int rows, int columns, int offset, Map *folded) {
  const int depth = C <= 2 ? 8 : 16;
  for (long long pixel = gridThread(); pixel < count; pixel += gridThreads()) {
    long long line = pixel / columns;
    int column = 2 * ((int)(pixel % columns) - offset);
    int row = 2 * ((int)(line % rows) - offset);
    const Map *image = x + line / rows * h * w * C;
    float v[depth];
#pragma unroll
    for (int i = 0; i < depth; ++i) {
      int y = row + i / C / 2;
      int z = column + i / C % 2;
      bool isThere = i < 4 * C && y >= 0 && y < h && z >= 0 && z < w;
      v[i] = isThere ? number(image[((long long)y * w + z) * C + i % C]) : 0.0f;
    }
    store<depth>(folded + pixel * depth, v);
  }
}

KERNEL(256)
foldPixels(
    const Map *x, int h, int w, int c, long long count, int rows, int columns, int offset,
    Map *folded) {
  switch (c) {
  case 1: return foldMaps<1>(x, h, w, count, rows, columns, offset, folded);
  case 2: return foldMaps<2>(x, h, w, count, rows, columns, offset, folded);
  case 3: return foldMaps<3>(x, h, w, count, rows, columns, offset, folded);
  case 4: return foldMaps<4>(x, h, w, count, rows, columns, offset, folded);
  }
}

/// Where value `i` of `[k, kernel, kernel, c]` lies in `[k, side, side, depth]`.
DEVICE long long foldedPlace(long long i, int kernel, int c, int side, int lead, int depth) {
  int channel = (int)(i % c);
  int column = (int)(i / c % kernel) + lead;
  int row = (int)(i / c / kernel % kernel) + lead;
  long long out = i / c / kernel / kernel;
  int part = row % 2 * 2 + column % 2;
  return ((out * side + row / 2) * side + column / 2) * depth + part * c + channel;
}

/// `folded [k, side, side, depth]` of `filter [k, kernel, kernel, c]`, zeros where there is nothing of it.
KERNEL(256)
foldFilter(
    const Map *filter, long long count, int kernel, int c, int side, int lead, int depth,
    Map *folded) {
  for (long long i = gridThread(); i < count; i += gridThreads()) {
    int part = (int)(i % depth) / c, channel = (int)(i % depth) % c;
    int column = 2 * (int)(i / depth % side) + part % 2 - lead;
    int row = 2 * (int)(i / depth / side % side) + part / 2 - lead;
    long long out = i / depth / side / side;
    bool isThere = part < 4 && row >= 0 && row < kernel && column >= 0 && column < kernel;
    long long from = ((out * kernel + row) * kernel + column) * c + channel;
    put(folded + i, isThere ? number(filter[from]) : 0.0f);
  }
}

/// The gradient of `filter [k, kernel, kernel, c]` from that of the folded one, of maps or of `float`.
KERNEL(256)
unfoldFilter(
    const void *folded, int isFloat, long long count, int kernel, int c, int side, int lead,
    int depth, int accumulate, float *filter) {
  for (long long i = gridThread(); i < count; i += gridThreads()) {
    float value = numberAt(folded, foldedPlace(i, kernel, c, side, lead, depth), isFloat);
    filter[i] = accumulate ? filter[i] + value : value;
  }
}
