// The text of the kernels, which NVRTC compiles for the GPU that is there.
#include "CUDAKernels.h"

// The compiler knows C23's #embed in every mode.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const char common[] = {
#embed "Common.cu"
    , 0};
static const char batchNorm[] = {
#embed "BatchNorm.cu"
    , 0};

const posetop_kernel_family posetop_kernel_families[] = {
    {"Common", common},
    {"BatchNorm", batchNorm},
};
const int posetop_kernel_family_count =
    sizeof posetop_kernel_families / sizeof posetop_kernel_families[0];
