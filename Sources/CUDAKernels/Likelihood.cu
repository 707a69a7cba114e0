// Residual log-likelihood with RealNVP; formulae in the graph's `LikelihoodLoss.swift`.
//
// Each coupling keeps one coordinate and maps the other, so its two networks are functions of one number
// to one number: of their first weight only the kept row matters, of their last only the mapped column.
// A block of 64 threads does a point, each thread one unit of the hidden layers.

enum { hidden = 64, mostLayers = 16, netTensors = 6 };

struct FlowMemory {
  /// Activations of both hidden layers, of each network of each coupling.
  float first[mostLayers][2][hidden], second[mostLayers][2][hidden];
  /// Of each coupling the stretch, the kept coordinate and the mapped one.
  float stretch[mostLayers], kept[mostLayers], mapped[mostLayers];
  float scratch[hidden];
  float terms[hidden];
};

DEVICE float leaky(float x) { return x < 0 ? 0.01f * x : x; }

/// Sum over the block's 64 threads, in fixed order.
DEVICE float sumOfUnits(float x, float *terms) {
  __syncthreads();
  terms[threadIdx.x] = x;
  for (int s = hidden / 2; s > 0; s /= 2) {
    __syncthreads();
    if ((int)threadIdx.x < s) terms[threadIdx.x] += terms[threadIdx.x + s];
  }
  __syncthreads();
  return terms[0];
}

/// One network of a coupling.
DEVICE float flowNet(
    const float *const *net, float z, int kept, int mapped, float *first, float *second,
    float *terms) {
  int j = (int)threadIdx.x;
  first[j] = leaky(fmaf(z, net[0][kept * hidden + j], net[1][j]));
  __syncthreads();
  float sum = net[3][j];
  for (int i = 0; i < hidden; ++i) sum = fmaf(first[i], net[2][i * hidden + j], sum);
  second[j] = leaky(sum);
  return sumOfUnits(second[j] * net[4][2 * j + mapped], terms) + net[5][mapped];
}

/// The gradient of one network's kept input for the gradient `g` of its output; those of its parameters are
/// added to `sums` unless that is null: the tensors one after the other, each at a multiple of 16.
DEVICE float flowNetGradient(
    const float *const *net, float z, int kept, int mapped, const float *first, const float *second,
    float g, float *sums, float *scratch, float *terms) {
  int j = (int)threadIdx.x;
  float down = g * net[4][2 * j + mapped];
  float outer = second[j] < 0 ? 0.01f * down : down;
  __syncthreads();
  scratch[j] = outer;
  __syncthreads();
  float sum = 0;
  for (int i = 0; i < hidden; ++i) sum = fmaf(scratch[i], net[2][j * hidden + i], sum);
  float inner = first[j] < 0 ? 0.01f * sum : sum;
  if (sums) {
    float *first0 = sums, *bias0 = first0 + 2 * hidden, *second0 = bias0 + hidden;
    float *bias1 = second0 + hidden * hidden, *third0 = bias1 + hidden, *bias2 = third0 + 2 * hidden;
    first0[kept * hidden + j] += inner * z;
    bias0[j] += inner;
    for (int i = 0; i < hidden; ++i) {
      second0[i * hidden + j] = fmaf(first[i], outer, second0[i * hidden + j]);
    }
    bias1[j] += outer;
    third0[2 * j + mapped] += g * second[j];
    if (j == 0) bias2[mapped] += g;
  }
  return sumOfUnits(inner * net[0][kept * hidden + j], terms);
}

/// Values of one network's gradients in the parts.
enum { netValues = 2 * hidden + hidden + hidden * hidden + hidden + 2 * hidden + 16 };

/// The loss of one labelled point, times `weight`; the gradient of its prediction times `slope` unless null,
/// those of the flow's parameters times `slope` added to `sums` unless null.
DEVICE double flowPoint(
    const float *p, const float *t, float width, float height, float weight, float slope,
    const float *const *flow, int layers, float *gradient, float *sums, FlowMemory &m) {
  float sigmaX = 1 / (1 + expf(-p[2])), sigmaY = 1 / (1 + expf(-p[3]));
  float errorX = (p[0] - t[0] / width) / (sigmaX + 1e-9f);
  float errorY = (p[1] - t[1] / height) / (sigmaY + 1e-9f);
  float z[2] = {errorX, errorY};
  float determinant = 0;
  for (int layer = layers - 1; layer >= 0; --layer) {
    int mapped = layer & 1;
    const float *const *nets = flow + layer * 2 * netTensors;
    float kept = mapped ? z[0] : z[1];
    float s = tanhf(flowNet(
        nets, kept, 1 - mapped, mapped, m.first[layer][0], m.second[layer][0], m.terms));
    float shift = flowNet(
        nets + netTensors, kept, 1 - mapped, mapped, m.first[layer][1], m.second[layer][1],
        m.terms);
    float moved = ((mapped ? z[1] : z[0]) - shift) * expf(-s);
    if (threadIdx.x == 0) {
      m.stretch[layer] = s;
      m.kept[layer] = kept;
      m.mapped[layer] = moved;
    }
    if (mapped) {
      z[1] = moved;
    } else {
      z[0] = moved;
    }
    determinant -= s;
  }
  float logPhi = -0.5f * (z[0] * z[0] + z[1] * z[1]) - 1.83787706641f + determinant;
  double loss = (double)weight *
                (double)(2 * logf(sigmaX) + 2 * logf(sigmaY) + 2 * 0.69314718056f - 2 * logPhi +
                         fabsf(errorX) + fabsf(errorY));
  if (!gradient && !sums) return loss;
  __syncthreads();
  float g[2] = {2 * slope * z[0], 2 * slope * z[1]};
  for (int layer = 0; layer < layers; ++layer) {
    int mapped = layer & 1;
    const float *const *nets = flow + layer * 2 * netTensors;
    float *netSums = sums ? sums + layer * 2 * netValues : nullptr;
    float s = m.stretch[layer], kept = m.kept[layer];
    float down = mapped ? g[1] : g[0];
    float grown = down * expf(-s);
    float ds = 2 * slope - down * m.mapped[layer];
    float across = flowNetGradient(
        nets, kept, 1 - mapped, mapped, m.first[layer][0], m.second[layer][0], ds * (1 - s * s),
        netSums, m.scratch, m.terms);
    across += flowNetGradient(
        nets + netTensors, kept, 1 - mapped, mapped, m.first[layer][1], m.second[layer][1], -grown,
        netSums ? netSums + netValues : nullptr, m.scratch, m.terms);
    if (mapped) {
      g[1] = grown;
      g[0] += across;
    } else {
      g[0] = grown;
      g[1] += across;
    }
  }
  if (gradient && threadIdx.x == 0) {
    float gx = g[0] + (errorX < 0 ? -slope : slope);
    float gy = g[1] + (errorY < 0 ? -slope : slope);
    gradient[0] = gx / (sigmaX + 1e-9f);
    gradient[1] = gy / (sigmaY + 1e-9f);
    gradient[2] = (2 * slope - gx * errorX * (sigmaX / (sigmaX + 1e-9f))) * (1 - sigmaX);
    gradient[3] = (2 * slope - gy * errorY * (sigmaY / (sigmaY + 1e-9f))) * (1 - sigmaY);
  }
  return loss;
}

/// The loss of each point (a block of 64 threads), `parts [n · k]`, and the gradient of its prediction
/// unless that is null. `flow` has the addresses of the couplings' tensors, 12 each, at most 16 couplings.
KERNEL(64)
likelihoodLoss(
    const float *prediction, const float *keypoints, float width, float height, float normalizer,
    const float *const *flow, int layers, const float *lossScale, float *gradient, double *parts) {
  __shared__ FlowMemory memory;
  long long point = blockIdx.x;
  const float *t = keypoints + 3 * point;
  float *out = gradient ? gradient + 4 * point : nullptr;
  double loss = 0;
  if (t[2] > 0) {
    float weight = t[2] * normalizer;
    loss = flowPoint(
        prediction + 4 * point, t, width, height, weight, gradient ? weight * *lossScale : weight,
        flow, layers, out, nullptr, memory);
  } else if (out && threadIdx.x < 4) {
    out[threadIdx.x] = 0;
  }
  if (threadIdx.x == 0) parts[point] = loss;
}

/// Gradients of the flow's parameters over each block's points: `parts [gridDim.x][layers · 2][netValues]`.
KERNEL(64)
likelihoodGradient(
    const float *prediction, const float *keypoints, int points, float width, float height,
    float normalizer, const float *const *flow, int layers, const float *lossScale, float *parts) {
  __shared__ FlowMemory memory;
  int values = layers * 2 * netValues;
  float *sums = parts + (long long)blockIdx.x * values;
  for (int i = (int)threadIdx.x; i < values; i += hidden) sums[i] = 0;
  __syncthreads();
  for (int point = (int)blockIdx.x; point < points; point += (int)gridDim.x) {
    const float *t = keypoints + 3LL * point;
    if (!(t[2] > 0)) continue;
    flowPoint(
        prediction + 4LL * point, t, width, height, t[2] * normalizer,
        t[2] * normalizer * *lossScale, flow, layers, nullptr, sums, memory);
    __syncthreads();
  }
}

/// Sums of the parts, each to its tensor's place: a block in y a network, threads over its values.
KERNEL(256)
likelihoodGradientFinish(const float *parts, int partCount, int layers, float *const *gradients) {
  int extents[netTensors] = {2 * hidden, hidden, hidden * hidden, hidden, 2 * hidden, 2};
  long long values = (long long)layers * 2 * netValues;
  for (int i = (int)gridThread(); i < netValues; i += (int)gridThreads()) {
    double sum = 0;
    for (int part = 0; part < partCount; ++part) {
      sum += (double)parts[part * values + (long long)blockIdx.y * netValues + i];
    }
    int at = i;
    for (int tensor = 0; tensor < netTensors; ++tensor) {
      if (at >= 0 && at < extents[tensor]) gradients[blockIdx.y * netTensors + tensor][at] = (float)sum;
      at -= extents[tensor];
    }
  }
}
