// Pictures made of the parts of decoded ones that they show: what `Cropper.swift` does on the processor, bit
// for bit. So products and sums are rounded one by one, which NVRTC otherwise melts into one.

// `CropRecipe.swift`, field by field.
struct CropRecipe {
  double a, b, c, d, e, f;
  float gain[3], offset;
  float scale[3], shift[3];
  int width, height;
  int left, top, partWidth, partHeight;
  int eraseLeft, eraseRight, eraseTop, eraseBottom;
  int blurRadius, form;
  float taps[49];
};

enum { formRegion, formFinished };

#ifdef __CUDACC_RTC__
DEVICE float roundedProduct(float a, float b) { return __fmul_rn(a, b); }
DEVICE double roundedProduct(double a, double b) { return __dmul_rn(a, b); }
DEVICE float roundedSum(float a, float b) { return __fadd_rn(a, b); }
DEVICE double roundedSum(double a, double b) { return __dadd_rn(a, b); }
#else
DEVICE float roundedProduct(float a, float b) { return a * b; }
DEVICE double roundedProduct(double a, double b) { return a * b; }
DEVICE float roundedSum(float a, float b) { return a + b; }
DEVICE double roundedSum(double a, double b) { return a + b; }
#endif

/// Bilinear interpolation in the region, 0...255; black outside.
DEVICE void colorAt(
    const CropRecipe &recipe, const uint8_t *part, float x, float y, float (&color)[3]) {
  color[0] = color[1] = color[2] = 0;
  // Also false for a position that is no number.
  if (!(x > -1 && y > -1 && x < (float)recipe.width && y < (float)recipe.height)) return;
  float left = floorf(x), top = floorf(y);
  int column = (int)left, row = (int)top;
  float partX = x - left, partY = y - top;
  float weights[4] = {
      roundedProduct(1 - partX, 1 - partY), roundedProduct(partX, 1 - partY),
      roundedProduct(1 - partX, partY), roundedProduct(partX, partY)};
  int pitch = 3 * recipe.partWidth;
  const uint8_t *pixel =
      part + ((long long)(row - recipe.top) * pitch + 3 * (column - recipe.left));
  if (column >= 0 && row >= 0 && column + 1 < recipe.width && row + 1 < recipe.height) {
    for (int i = 0; i < 3; ++i) {
      float first = roundedSum(
          roundedProduct((float)pixel[i], weights[0]), roundedProduct((float)pixel[i + 3], weights[1]));
      float second = roundedSum(
          roundedProduct((float)pixel[pitch + i], weights[2]),
          roundedProduct((float)pixel[pitch + i + 3], weights[3]));
      color[i] = roundedSum(first, second);
    }
    return;
  }
  for (int corner = 0; corner < 4; ++corner) {
    int dx = corner & 1, dy = corner >> 1;
    if (column + dx < 0 || row + dy < 0 || column + dx >= recipe.width ||
        row + dy >= recipe.height) {
      continue;
    }
    for (int i = 0; i < 3; ++i) {
      color[i] =
          roundedSum(color[i], roundedProduct(weights[corner], (float)pixel[dy * pitch + 3 * dx + i]));
    }
  }
}

DEVICE bool isErased(const CropRecipe &recipe, int x, int y) {
  return x >= recipe.eraseLeft && x < recipe.eraseRight && y >= recipe.eraseTop &&
         y < recipe.eraseBottom;
}

/// All pictures of a batch but for blurs: a block's y is the picture, its threads go over the pixels.
KERNEL(256)
cropPictures(
    const CropRecipe *recipes, const uint8_t *rows, long long rowBytes, float *pictures, int width,
    int height) {
  const CropRecipe &recipe = recipes[blockIdx.y];
  const uint8_t *row = rows + blockIdx.y * rowBytes;
  float *picture = pictures + (long long)blockIdx.y * width * height * 3;
  for (long long i = gridThread(); i < (long long)width * height; i += gridThreads()) {
    int x = (int)(i % width), y = (int)(i / width);
    float color[3] = {0, 0, 0};
    if (recipe.form == formFinished) {
      for (int j = 0; j < 3; ++j) color[j] = ((const float *)row)[3 * i + j];
    } else if (recipe.form == formRegion && (recipe.blurRadius > 0 || !isErased(recipe, x, y))) {
      double startX = roundedSum(roundedProduct(recipe.b, (double)y), recipe.c);
      double startY = roundedSum(roundedProduct(recipe.e, (double)y), recipe.f);
      colorAt(
          recipe, row, (float)roundedSum(startX, roundedProduct(recipe.a, (double)x)),
          (float)roundedSum(startY, roundedProduct(recipe.d, (double)x)), color);
      bool changes = recipe.gain[0] != 1 || recipe.gain[1] != 1 || recipe.gain[2] != 1 ||
                     recipe.offset != 0;
      for (int j = 0; j < 3; ++j) {
        if (changes) {
          float changed = roundedSum(roundedProduct(color[j], recipe.gain[j]), recipe.offset);
          color[j] = lesser(greater(changed, 0.0f), 255.0f);
        }
        color[j] = roundedSum(roundedProduct(color[j], recipe.scale[j]), recipe.shift[j]);
      }
    }
    for (int j = 0; j < 3; ++j) picture[3 * i + j] = color[j];
  }
}

/// The blur of a value with those `step` apart before and behind it, the first of `count` at `line`.
DEVICE float blurred(const CropRecipe &recipe, const float *line, int at, int count, int step) {
  float sum = 0;
  for (int tap = 0; tap <= 2 * recipe.blurRadius; ++tap) {
    int place = lesser(greater(at + tap - recipe.blurRadius, 0), count - 1);
    sum = roundedSum(sum, roundedProduct(recipe.taps[tap], line[(long long)place * step]));
  }
  return sum;
}

/// Pictures that are blurred, along their rows, into the rows of the batch, which nobody needs any more.
KERNEL(256)
blurPictureRows(
    const CropRecipe *recipes, const float *pictures, float *rows, int width, int height) {
  const CropRecipe &recipe = recipes[blockIdx.y];
  if (recipe.form != formRegion || recipe.blurRadius <= 0) return;
  long long values = 3LL * width * height;
  const float *from = pictures + blockIdx.y * values;
  float *to = rows + blockIdx.y * values;
  for (long long i = gridThread(); i < values; i += gridThreads()) {
    int x = (int)(i / 3 % width);
    to[i] = blurred(recipe, from + (i - 3 * x), x, width, 3);
  }
}

/// The same along their columns, back into the pictures, of which a rectangle may be erased.
KERNEL(256)
blurPictureColumns(
    const CropRecipe *recipes, const float *rows, float *pictures, int width, int height) {
  const CropRecipe &recipe = recipes[blockIdx.y];
  if (recipe.form != formRegion || recipe.blurRadius <= 0) return;
  int step = 3 * width;
  long long values = (long long)step * height;
  const float *from = rows + blockIdx.y * values;
  float *to = pictures + blockIdx.y * values;
  for (long long i = gridThread(); i < values; i += gridThreads()) {
    int x = (int)(i / 3 % width), y = (int)(i / step);
    to[i] = isErased(recipe, x, y) ? 0.0f : blurred(recipe, from + i % step, y, height, step);
  }
}
