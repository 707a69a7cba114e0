// Losses of heatmaps, coordinates and SimCC's bins, with their gradients times `*lossScale`; formulae in
// the graph's `Losses.swift`. Predictions and gradients are `float` whatever maps are. Each image's loss
// is a sum of parts in double precision and in fixed order.

/// Sum of each image's parts times `*scale`: `losses [n]`. One block of 256 threads an image.
KERNEL(256)
sumLosses(const double *parts, int partCount, const float *scale, float *losses) {
  __shared__ double shared[256];
  const double *part = parts + (long long)blockIdx.x * partCount;
  double sum = 0;
  for (int i = (int)threadIdx.x; i < partCount; i += 256) sum += part[i];
  sum = blockSum(sum, shared);
  if (threadIdx.x == 0) losses[blockIdx.x] = (float)(sum * (scale ? (double)*scale : 1.0));
}

// Heatmaps.

/// Where a keypoint's Gaussian stands on a map; weight 0 where it has none.
struct Target {
  float x, y, weight, radius, factor;
  DEVICE Target(const float *point, int h, int w, float scaleX, float scaleY, float sigma) {
    x = point[0] * scaleX;
    y = point[1] * scaleY;
    radius = 3 * sigma;
    factor = -1 / (2 * sigma * sigma);
    bool touches = x > -radius && x < (float)(w - 1) + radius && y > -radius &&
                   y < (float)(h - 1) + radius;
    weight = point[2] > 0 && touches ? point[2] : 0;
  }
  DEVICE float at(int px, int py) const {
    float dx = (float)px - x, dy = (float)py - y;
    if (!(dx <= radius && dx >= -radius && dy <= radius && dy >= -radius)) return 0;
    return expf(factor * dy * dy) * expf(factor * dx * dx);
  }
};

/// What the sum of errors is multiplied with: `1 / (points · h · w)`, of the points that have a target, or
/// `points` where that is above 0. One block of 256 threads.
KERNEL(256)
heatmapNormalizer(
    const float *keypoints, int count, int points, int h, int w, float scaleX, float scaleY,
    float sigma, float *normalizer) {
  __shared__ double shared[256];
  double found = 0;
  if (points <= 0) {
    for (int i = (int)threadIdx.x; i < count; i += 256) {
      if (Target(keypoints + 3 * i, h, w, scaleX, scaleY, sigma).weight > 0) found += 1;
    }
    found = blockSum(found, shared);
  } else {
    found = points;
  }
  if (threadIdx.x == 0) normalizer[0] = 1 / (float)((found < 1 ? 1 : found) * h * w);
}

struct AdaptiveWing {
  float alpha, omega, epsilon, theta;
};

/// Value and slope of one pixel's error; without `isWing` its square.
DEVICE float heatmapError(
    float error, float target, int isWing, const AdaptiveWing &a, float &slope) {
  if (!isWing) {
    slope = 2 * error;
    return error * error;
  }
  float size = fabsf(error), power = a.alpha - target, value;
  if (size < a.theta) {
    float raised = powf(size / a.epsilon, power - 1);
    float u = raised * size / a.epsilon;
    value = a.omega * log1pf(u);
    slope = a.omega * power * raised / (a.epsilon * (1 + u));
  } else {
    float edge = a.theta / a.epsilon;
    float raised = powf(edge, power - 1);
    float u = raised * edge;
    slope = a.omega * power * raised / (a.epsilon * (1 + u));
    value = slope * (size - a.theta) + a.omega * log1pf(u);
  }
  if (error < 0) slope = -slope;
  return value;
}

/// Errors of one image (a block in y) over one part of its pixels (a block in x): `parts [n][gridDim.x][k]`
/// = weight · sum of errors, and the gradient unless that is null. With `chosen [n][k]` only of
/// keypoints that are not 0 there. 256 threads.
KERNEL(256)
heatmapErrors(
    const float *prediction, const float *keypoints, const int *chosen, int h, int w, int k,
    float scaleX, float scaleY, float sigma, int isWing, float alpha, float omega, float epsilon,
    float theta, const float *normalizer, const float *lossScale, float *gradient, double *parts) {
  __shared__ double shared[256];
  AdaptiveWing wing = {alpha, omega, epsilon, theta};
  int image = (int)blockIdx.y;
  int pixels = h * w;
  int perPart = (pixels + (int)gridDim.x - 1) / (int)gridDim.x;
  int firstPixel = (int)blockIdx.x * perPart;
  int endPixel = lesser(firstPixel + perPart, pixels);
  float scale = normalizer[0] * (gradient ? *lossScale : 1);
  // A thread keeps its keypoint, so that neighbours read neighbours.
  int wide = lesser(k, 256);
  int groups = 256 / wide;
  int group = (int)threadIdx.x / wide;
  for (int first = 0; first < k; first += wide) {
    int point = first + (int)threadIdx.x % wide;
    double sum = 0;
    if (group < groups && point < k) {
      Target target(keypoints + 3 * (image * k + point), h, w, scaleX, scaleY, sigma);
      if (chosen && !chosen[image * k + point]) target.weight = 0;
      for (int pixel = firstPixel + group; pixel < endPixel; pixel += groups) {
        long long at = ((long long)image * pixels + pixel) * k + point;
        float slope = 0;
        if (target.weight > 0) {
          int py = pixel / w;
          float t = target.at(pixel - py * w, py);
          sum += (double)heatmapError(prediction[at] - t, t, isWing, wing, slope);
        }
        if (gradient) gradient[at] = scale * target.weight * slope;
      }
      sum *= (double)target.weight;
    }
    __syncthreads();
    shared[threadIdx.x] = sum;
    __syncthreads();
    if (group == 0 && point < k) {
      for (int other = 1; other < groups; ++other) sum += shared[threadIdx.x + other * wide];
      parts[((long long)image * gridDim.x + blockIdx.x) * k + point] = sum;
    }
  }
}

/// Which keypoints of an image are among its `count` worst: `chosen [n][k]`, of the parts that
/// `heatmapErrors` made. Ties go to the earlier keypoint. One block of 256 threads an image.
KERNEL(256)
heatmapHardest(const double *parts, int partCount, int k, int count, double *sums, int *chosen) {
  const double *part = parts + (long long)blockIdx.x * partCount * k;
  double *sum = sums + (long long)blockIdx.x * k;
  for (int point = (int)threadIdx.x; point < k; point += 256) {
    double total = 0;
    for (int i = 0; i < partCount; ++i) total += part[i * k + point];
    sum[point] = total;
  }
  __syncthreads();
  for (int point = (int)threadIdx.x; point < k; point += 256) {
    int worse = 0;
    for (int other = 0; other < k; ++other) {
      if (sum[other] > sum[point] || (sum[other] == sum[point] && other < point)) ++worse;
    }
    chosen[(long long)blockIdx.x * k + point] = worse < count;
  }
}

// Coordinates.

/// `counts[0]` = labelled points, `counts[1]` = images that have some. One block of 256 threads.
KERNEL(256) countLabelled(const float *keypoints, int n, int k, float *counts) {
  __shared__ double shared[256];
  double points = 0, persons = 0;
  for (int image = (int)threadIdx.x; image < n; image += 256) {
    int found = 0;
    for (int point = 0; point < k; ++point) {
      if (keypoints[3 * (image * k + point) + 2] > 0) ++found;
    }
    points += found;
    persons += found > 0 ? 1 : 0;
  }
  points = blockSum(points, shared);
  persons = blockSum(persons, shared);
  if (threadIdx.x == 0) {
    counts[0] = (float)points;
    counts[1] = (float)persons;
  }
}

/// Loss of one coordinate's error in its unit, and its slope. `kind`: 0 squared; 1 smooth L1 with
/// `a` = beta; 2 wing with `a` = omega, `b` = epsilon, `c` = C; 3 soft wing with `a` = omega1,
/// `b` = epsilon, `c` = B, `d` = omega2.
DEVICE float coordinatePenalty(
    float error, int kind, float a, float b, float c, float d, float &slope) {
  float size = fabsf(error), sign = error < 0 ? -1.0f : 1.0f;
  if (kind == 0) {
    slope = 2 * error;
    return error * error;
  }
  if (kind == 1) {
    slope = size < a ? error / a : sign;
    return size < a ? 0.5f * error * error / a : size - 0.5f * a;
  }
  if (kind == 2) {
    slope = size < a ? sign * a / (b + size) : sign;
    return size < a ? a * log1pf(size / b) : size - c;
  }
  slope = size < a ? sign : sign * d / (b + size);
  return size < a ? size : d * log1pf(size / b) + c;
}

/// Coordinate losses, the gradient unless that is null; `values` null for ones. One block of 128 threads
/// an image.
KERNEL(128)
coordinateLoss(
    const float *prediction, const float *keypoints, const float *values, int k, float width,
    float height, float unitX, float unitY, int kind, float a, float b, float c, float d,
    const float *counts, const float *lossScale, float *gradient, float *losses) {
  __shared__ double shared[128];
  float normalizer = 1 / (2 * greater(counts[0], 1.0f));
  float scale = normalizer * (gradient ? *lossScale : 1);
  double total = 0;
  for (int point = (int)threadIdx.x; point < k; point += 128) {
    long long at = (long long)blockIdx.x * k + point;
    const float *t = keypoints + 3 * at;
    const float *p = prediction + 2 * at;
    float slopeX = 0, slopeY = 0, weight = 0;
    if (t[2] > 0) {
      weight = t[2] * (values ? values[point] : 1);
      float x = coordinatePenalty((p[0] - t[0] / width) * unitX, kind, a, b, c, d, slopeX);
      float y = coordinatePenalty((p[1] - t[1] / height) * unitY, kind, a, b, c, d, slopeY);
      total += (double)weight * ((double)x + (double)y);
    }
    if (gradient) {
      gradient[2 * at] = weight * slopeX * unitX * scale;
      gradient[2 * at + 1] = weight * slopeY * unitY * scale;
    }
  }
  total = blockSum(total, shared);
  if (threadIdx.x == 0) losses[blockIdx.x] = (float)(total * (double)normalizer);
}

/// OKS loss, the gradient unless that is null; `smallest` is the least area in px². One block of 128
/// threads an image.
KERNEL(128)
oksLoss(
    const float *prediction, const float *keypoints, const float *sigmas, int k, float width,
    float height, float smallest, const float *counts, const float *lossScale, float *gradient,
    float *losses) {
  __shared__ double shared[128];
  float normalizer = 1 / greater(counts[1], 1.0f);
  float scale = normalizer * (gradient ? *lossScale : 1);
  const float *points = keypoints + 3LL * blockIdx.x * k;
  // Every thread finds the person's box by itself: a person has few points.
  float infinity = floatFromBits(0x7f800000);
  float left = infinity, right = -infinity, top = infinity, bottom = -infinity, weights = 0;
  for (int point = 0; point < k; ++point) {
    const float *t = points + 3 * point;
    if (!(t[2] > 0)) continue;
    left = lesser(left, t[0]);
    right = greater(right, t[0]);
    top = lesser(top, t[1]);
    bottom = greater(bottom, t[1]);
    weights += t[2];
  }
  float area = weights > 0 ? greater(0.53f * (right - left) * (bottom - top), smallest) : 1;
  double similarity = 0;
  for (int point = (int)threadIdx.x; point < k; point += 128) {
    const float *t = points + 3 * point;
    long long at = 2 * ((long long)blockIdx.x * k + point);
    float gx = 0, gy = 0;
    if (t[2] > 0) {
      float dx = prediction[at] * width - t[0];
      float dy = prediction[at + 1] * height - t[1];
      float spread = 8 * area * sigmas[point] * sigmas[point];
      float value = expf(-(dx * dx + dy * dy) / spread) * (t[2] / weights);
      similarity += (double)value;
      float slope = 2 * value / spread * scale;
      gx = slope * dx * width;
      gy = slope * dy * height;
    }
    if (gradient) {
      gradient[at] = gx;
      gradient[at + 1] = gy;
    }
  }
  similarity = blockSum(similarity, shared);
  if (threadIdx.x == 0) {
    losses[blockIdx.x] = weights > 0 ? (float)((1 - similarity) * (double)normalizer) : 0;
  }
}

// SimCC.

/// Largest value over the block's 128 threads.
DEVICE float blockLargest(float x, float *shared) {
  shared[threadIdx.x] = x;
  for (int s = 64; s > 0; s /= 2) {
    __syncthreads();
    if ((int)threadIdx.x < s) {
      shared[threadIdx.x] = greater(shared[threadIdx.x], shared[threadIdx.x + s]);
    }
  }
  __syncthreads();
  float largest = shared[0];
  __syncthreads();
  return largest;
}

/// KL divergence of one axis' bins from a Gaussian, times `scale`, and the gradient of the logits times
/// `gradientScale` unless that is null.
DEVICE double simccDivergence(
    const float *logits, int bins, float center, float sigma, float scale, float gradientScale,
    float *gradient, double *shared, float *sharedFloats) {
  float largest = floatFromBits(0xff800000);
  for (int bin = (int)threadIdx.x; bin < bins; bin += 128) largest = greater(largest, logits[bin]);
  largest = blockLargest(largest, sharedFloats);
  float factor = -1 / (2 * sigma * sigma);
  float logPeak = -logf(sigma * 2.50662827463f);
  double sum = 0, mass = 0;
  for (int bin = (int)threadIdx.x; bin < bins; bin += 128) {
    sum += (double)expf(logits[bin] - largest);
    float distance = (float)bin - center;
    mass += (double)expf(factor * distance * distance + logPeak);
  }
  sum = blockSum(sum, shared);
  mass = blockSum(mass, shared);
  float logSum = (float)log(sum) + largest;
  double loss = 0;
  for (int bin = (int)threadIdx.x; bin < bins; bin += 128) {
    float distance = (float)bin - center;
    float logTarget = factor * distance * distance + logPeak;
    float target = expf(logTarget);
    float logProbability = logits[bin] - logSum;
    if (target > 0) loss += (double)target * (double)(logTarget - logProbability);
    if (gradient) gradient[bin] = gradientScale * ((float)mass * expf(logProbability) - target);
  }
  return blockSum(loss, shared) * (double)scale;
}

/// SimCC's loss of one point (a block of 128 threads): `parts [n · k]`, and the gradient unless that is null.
KERNEL(128)
simccLoss(
    const float *prediction, const float *keypoints, int binsX, int binsY, float scale, float sigma,
    float normalizer, const float *lossScale, float *gradient, double *parts) {
  __shared__ double shared[128];
  __shared__ float sharedFloats[128];
  int bins = binsX + binsY;
  const float *point = keypoints + 3LL * blockIdx.x;
  const float *logits = prediction + (long long)blockIdx.x * bins;
  float *out = gradient ? gradient + (long long)blockIdx.x * bins : nullptr;
  float radius = 3 * sigma, x = point[0] * scale, y = point[1] * scale;
  bool counts = point[2] > 0 && x > -radius && x < (float)(binsX - 1) + radius && y > -radius &&
                y < (float)(binsY - 1) + radius;
  double total = 0;
  if (counts) {
    float factor = point[2] * normalizer;
    float slope = gradient ? factor * *lossScale : 0;
    total = simccDivergence(
        logits, binsX, x, sigma, factor / (float)binsX, slope / (float)binsX, out, shared,
        sharedFloats);
    total += simccDivergence(
        logits + binsX, binsY, y, sigma, factor / (float)binsY, slope / (float)binsY,
        out ? out + binsX : nullptr, shared, sharedFloats);
  } else if (out) {
    for (int bin = (int)threadIdx.x; bin < bins; bin += 128) out[bin] = 0;
  }
  if (threadIdx.x == 0) parts[blockIdx.x] = total;
}
