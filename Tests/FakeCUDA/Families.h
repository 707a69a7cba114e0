// All kernels, in the namespace that this is included in, and then their registry `KERNELS`.
#include "../../Sources/CUDAKernels/Common.cu"
#include "../../Sources/CUDAKernels/BatchNorm.cu"
#include "../../Sources/CUDAKernels/Flat.cu"
#include "../../Sources/CUDAKernels/Pooling.cu"
#include "../../Sources/CUDAKernels/Losses.cu"
#include "../../Sources/CUDAKernels/Likelihood.cu"
#include "../../Sources/CUDAKernels/Optimizer.cu"
#include "../../Sources/CUDAKernels/Slabs.cu"
#include "../../Sources/CUDAKernels/Convolution.cu"
#include "../../Sources/CUDAKernels/Folding.cu"
#include "../../Sources/CUDAKernels/Cropping.cu"

const std::vector<Kernel> registry = {
#define X(name, threads) {#name, threads, call<name>, sizesOf(name)},
#include "Kernels.def"
#undef X
};
