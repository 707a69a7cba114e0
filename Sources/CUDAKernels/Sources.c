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
static const char flat[] = {
#embed "Flat.cu"
    , 0};
static const char pooling[] = {
#embed "Pooling.cu"
    , 0};
static const char losses[] = {
#embed "Losses.cu"
    , 0};
static const char likelihood[] = {
#embed "Likelihood.cu"
    , 0};
static const char optimizer[] = {
#embed "Optimizer.cu"
    , 0};
static const char slabs[] = {
#embed "Slabs.cu"
    , 0};
static const char convolution[] = {
#embed "Convolution.cu"
    , 0};
static const char cropping[] = {
#embed "Cropping.cu"
    , 0};
static const char folding[] = {
#embed "Folding.cu"
    , 0};

static const posetop_kernel_family families[] = {
    {"Common", common},
    {"BatchNorm", batchNorm},
    {"Flat", flat},
    {"Pooling", pooling},
    {"Losses", losses},
    {"Likelihood", likelihood},
    {"Optimizer", optimizer},
    {"Slabs", slabs},
    {"Convolution", convolution},
    {"Folding", folding},
    {"Cropping", cropping},
};
int posetop_kernel_family_count(void) { return sizeof families / sizeof families[0]; }

posetop_kernel_family posetop_kernel_family_at(int index) { return families[index]; }
