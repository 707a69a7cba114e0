// The functions of NVIDIA's libraries that posetop calls, as tables of pointers that are filled at run
// time: nothing of NVIDIA's is needed to build. Names, types and values are those of the public headers
// (cuda.h, nvrtc.h, cublas_api.h, cudnn_graph.h, nvml.h of CUDA 12 and 13, cuDNN 9).
#ifndef POSETOP_NVIDIA_H
#define POSETOP_NVIDIA_H

#include <stddef.h>
#include <stdint.h>

// Opaque handles.
typedef struct CUctx_st *CUcontext;
typedef struct CUmod_st *CUmodule;
typedef struct CUfunc_st *CUfunction;
typedef struct CUstream_st *CUstream;
typedef struct CUevent_st *CUevent;
typedef struct CUgraph_st *CUgraph;
typedef struct CUgraphExec_st *CUgraphExec;
typedef struct _nvrtcProgram *nvrtcProgram;
typedef struct cublasContext *cublasHandle_t;
typedef struct cudnnContext *cudnnHandle_t;
typedef void *cudnnBackendDescriptor_t;
typedef int CUdevice;
typedef unsigned long long CUdeviceptr;
typedef struct nvmlDevice_st *nvmlDevice_t;

// Values of enums.
enum {
  CUDA_SUCCESS = 0,
  CUDA_ERROR_OUT_OF_MEMORY = 2,
  CUDA_ERROR_NO_DEVICE = 100,
  CUDA_ERROR_SYSTEM_DRIVER_MISMATCH = 803,
};
enum {
  CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT = 16,
  CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR = 75,
  CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR = 76,
};
enum { CU_STREAM_NON_BLOCKING = 1, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL = 1 };
enum { CU_EVENT_DEFAULT = 0, CU_EVENT_DISABLE_TIMING = 2 };
enum { CUBLAS_OP_N = 0, CUBLAS_OP_T = 1 };
enum { CUBLAS_DEFAULT_MATH = 0, CUBLAS_PEDANTIC_MATH = 2, CUBLAS_TF32_TENSOR_OP_MATH = 3 };
enum { CUDA_R_32F = 0, CUDA_R_16F = 2, CUDA_R_16BF = 14 };
enum { CUBLAS_COMPUTE_32F = 68, CUBLAS_COMPUTE_32F_PEDANTIC = 69, CUBLAS_COMPUTE_32F_FAST_TF32 = 77 };
enum { CUBLAS_GEMM_DEFAULT = -1 };

/// libcuda.so.1, the driver.
typedef struct {
  int (*cuInit)(unsigned);
  int (*cuDriverGetVersion)(int *);
  int (*cuDeviceGetCount)(int *);
  int (*cuDeviceGet)(CUdevice *, int);
  int (*cuDeviceGetName)(char *, int, CUdevice);
  int (*cuDeviceTotalMem_v2)(size_t *, CUdevice);
  int (*cuDeviceGetAttribute)(int *, int, CUdevice);
  int (*cuDeviceGetPCIBusId)(char *, int, CUdevice);
  int (*cuDevicePrimaryCtxRetain)(CUcontext *, CUdevice);
  int (*cuDevicePrimaryCtxRelease_v2)(CUdevice);
  int (*cuCtxSetCurrent)(CUcontext);
  int (*cuMemGetInfo_v2)(size_t *, size_t *);
  int (*cuMemAlloc_v2)(CUdeviceptr *, size_t);
  int (*cuMemFree_v2)(CUdeviceptr);
  int (*cuMemHostRegister_v2)(void *, size_t, unsigned);
  int (*cuMemHostUnregister)(void *);
  int (*cuMemcpyHtoDAsync_v2)(CUdeviceptr, const void *, size_t, CUstream);
  int (*cuMemcpyDtoHAsync_v2)(void *, CUdeviceptr, size_t, CUstream);
  int (*cuMemcpyDtoDAsync_v2)(CUdeviceptr, CUdeviceptr, size_t, CUstream);
  int (*cuMemsetD8Async)(CUdeviceptr, unsigned char, size_t, CUstream);
  int (*cuStreamCreate)(CUstream *, unsigned);
  int (*cuStreamSynchronize)(CUstream);
  int (*cuStreamDestroy_v2)(CUstream);
  int (*cuStreamWaitEvent)(CUstream, CUevent, unsigned);
  int (*cuEventCreate)(CUevent *, unsigned);
  int (*cuEventRecord)(CUevent, CUstream);
  int (*cuEventSynchronize)(CUevent);
  int (*cuEventElapsedTime)(float *, CUevent, CUevent);
  int (*cuEventDestroy_v2)(CUevent);
  int (*cuModuleLoadData)(CUmodule *, const void *);
  int (*cuModuleUnload)(CUmodule);
  int (*cuModuleGetFunction)(CUfunction *, CUmodule, const char *);
  int (*cuLaunchKernel)(
      CUfunction, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, CUstream,
      void **, void **);
  int (*cuStreamBeginCapture_v2)(CUstream, int);
  int (*cuStreamEndCapture)(CUstream, CUgraph *);
  int (*cuGraphInstantiateWithFlags)(CUgraphExec *, CUgraph, unsigned long long);
  int (*cuGraphLaunch)(CUgraphExec, CUstream);
  int (*cuGraphExecDestroy)(CUgraphExec);
  int (*cuGraphDestroy)(CUgraph);
  int (*cuGetErrorName)(int, const char **);
  int (*cuGetErrorString)(int, const char **);
} posetop_cuda_driver;

/// libnvrtc, the compiler.
typedef struct {
  int (*nvrtcVersion)(int *, int *);
  int (*nvrtcCreateProgram)(
      nvrtcProgram *, const char *, const char *, int, const char *const *, const char *const *);
  int (*nvrtcCompileProgram)(nvrtcProgram, int, const char *const *);
  int (*nvrtcGetCUBINSize)(nvrtcProgram, size_t *);
  int (*nvrtcGetCUBIN)(nvrtcProgram, char *);
  int (*nvrtcGetProgramLogSize)(nvrtcProgram, size_t *);
  int (*nvrtcGetProgramLog)(nvrtcProgram, char *);
  int (*nvrtcDestroyProgram)(nvrtcProgram *);
  const char *(*nvrtcGetErrorString)(int);
} posetop_nvrtc;

/// libcublasLt, which libcublas calls.
typedef struct {
  size_t (*cublasLtGetVersion)(void);
} posetop_cublaslt;

/// libcublas: products of matrices; it calls cuBLASLt with its heuristics.
typedef struct {
  int (*cublasCreate_v2)(cublasHandle_t *);
  int (*cublasDestroy_v2)(cublasHandle_t);
  int (*cublasGetVersion_v2)(cublasHandle_t, int *);
  int (*cublasSetStream_v2)(cublasHandle_t, CUstream);
  int (*cublasSetWorkspace_v2)(cublasHandle_t, void *, size_t);
  int (*cublasSetMathMode)(cublasHandle_t, int);
  int (*cublasGemmEx)(
      cublasHandle_t, int, int, int, int, int, const void *, const void *, int, int, const void *, int,
      int, const void *, void *, int, int, int, int);
  int (*cublasGetProperty)(int, int *);
} posetop_cublas;

/// libcudnn: the graph ("backend") interface of version 9.
typedef struct {
  size_t (*cudnnGetVersion)(void);
  size_t (*cudnnGetCudartVersion)(void);
  const char *(*cudnnGetErrorString)(int);
  void (*cudnnGetLastErrorString)(char *, size_t);
  int (*cudnnCreate)(cudnnHandle_t *);
  int (*cudnnDestroy)(cudnnHandle_t);
  int (*cudnnSetStream)(cudnnHandle_t, CUstream);
  int (*cudnnBackendCreateDescriptor)(int, cudnnBackendDescriptor_t *);
  int (*cudnnBackendDestroyDescriptor)(cudnnBackendDescriptor_t);
  int (*cudnnBackendSetAttribute)(cudnnBackendDescriptor_t, int, int, int64_t, const void *);
  int (*cudnnBackendGetAttribute)(
      cudnnBackendDescriptor_t, int, int, int64_t, int64_t *, void *);
  int (*cudnnBackendFinalize)(cudnnBackendDescriptor_t);
  int (*cudnnBackendExecute)(
      cudnnHandle_t, cudnnBackendDescriptor_t, cudnnBackendDescriptor_t);
} posetop_cudnn;

/// The memory of a device, bytes.
typedef struct {
  unsigned long long total, free, used;
} nvmlMemory_t;

/// Percent of the last second in which something ran, and in which memory was read or written.
typedef struct {
  unsigned gpu, memory;
} nvmlUtilization_t;

/// A process that computes on a device; its memory in bytes, all ones where that is not known.
typedef struct {
  unsigned pid;
  unsigned long long usedGpuMemory;
  unsigned gpuInstanceId, computeInstanceId;
} nvmlProcessInfo_t;

enum { NVML_TEMPERATURE_GPU = 0 };
enum { NVML_CLOCK_SM = 1, NVML_CLOCK_MEM = 2 };

/// libnvidia-ml.so.1, the driver's management library: it makes no context on the device.
typedef struct {
  int (*nvmlInit_v2)(void);
  int (*nvmlSystemGetDriverVersion)(char *, unsigned);
  int (*nvmlDeviceGetCount_v2)(unsigned *);
  int (*nvmlDeviceGetHandleByIndex_v2)(unsigned, nvmlDevice_t *);
  int (*nvmlDeviceGetHandleByPciBusId_v2)(const char *, nvmlDevice_t *);
  int (*nvmlDeviceGetName)(nvmlDevice_t, char *, unsigned);
  int (*nvmlDeviceGetMemoryInfo)(nvmlDevice_t, nvmlMemory_t *);
  int (*nvmlDeviceGetUtilizationRates)(nvmlDevice_t, nvmlUtilization_t *);
  int (*nvmlDeviceGetTemperature)(nvmlDevice_t, int, unsigned *);
  int (*nvmlDeviceGetPowerUsage)(nvmlDevice_t, unsigned *);
  int (*nvmlDeviceGetClockInfo)(nvmlDevice_t, int, unsigned *);
  int (*nvmlDeviceGetComputeRunningProcesses_v3)(nvmlDevice_t, unsigned *, nvmlProcessInfo_t *);
} posetop_nvml;

// Values of cuDNN's enums.
enum { CUDNN_DATA_FLOAT = 0, CUDNN_DATA_HALF = 2, CUDNN_DATA_BFLOAT16 = 9 };
enum { CUDNN_CROSS_CORRELATION = 1 };
enum { CUDNN_HEUR_MODE_FALLBACK = 2, CUDNN_HEUR_MODE_A = 3 };
enum { CUDNN_POINTWISE_ADD = 0, CUDNN_POINTWISE_RELU_FWD = 100 };
enum {
  CUDNN_NUMERICAL_NOTE_TENSOR_CORE = 0,
  CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS = 1,
  CUDNN_NUMERICAL_NOTE_REDUCED_PRECISION_REDUCTION = 2,
  CUDNN_NUMERICAL_NOTE_FFT = 3,
  CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC = 4,
  CUDNN_NUMERICAL_NOTE_WINOGRAD = 5,
};
enum {
  CUDNN_TYPE_HANDLE = 0,
  CUDNN_TYPE_DATA_TYPE = 1,
  CUDNN_TYPE_BOOLEAN = 2,
  CUDNN_TYPE_INT64 = 3,
  CUDNN_TYPE_FLOAT = 4,
  CUDNN_TYPE_DOUBLE = 5,
  CUDNN_TYPE_VOID_PTR = 6,
  CUDNN_TYPE_CONVOLUTION_MODE = 7,
  CUDNN_TYPE_HEUR_MODE = 8,
  CUDNN_TYPE_NUMERICAL_NOTE = 11,
  CUDNN_TYPE_POINTWISE_MODE = 14,
  CUDNN_TYPE_BACKEND_DESCRIPTOR = 15,
};
enum {
  CUDNN_BACKEND_POINTWISE_DESCRIPTOR = 0,
  CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR = 1,
  CUDNN_BACKEND_ENGINE_DESCRIPTOR = 2,
  CUDNN_BACKEND_ENGINECFG_DESCRIPTOR = 3,
  CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR = 4,
  CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR = 5,
  CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR = 10,
  CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_FILTER_DESCRIPTOR = 11,
  CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR = 12,
  CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR = 13,
  CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR = 15,
  CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR = 16,
  CUDNN_BACKEND_TENSOR_DESCRIPTOR = 17,
};
enum {
  CUDNN_ATTR_POINTWISE_MODE = 0,
  CUDNN_ATTR_POINTWISE_MATH_PREC = 1,
  CUDNN_ATTR_CONVOLUTION_COMP_TYPE = 100,
  CUDNN_ATTR_CONVOLUTION_CONV_MODE = 101,
  CUDNN_ATTR_CONVOLUTION_DILATIONS = 102,
  CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES = 103,
  CUDNN_ATTR_CONVOLUTION_POST_PADDINGS = 104,
  CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS = 105,
  CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS = 106,
  CUDNN_ATTR_ENGINEHEUR_MODE = 200,
  CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH = 201,
  CUDNN_ATTR_ENGINEHEUR_RESULTS = 202,
  CUDNN_ATTR_ENGINECFG_ENGINE = 300,
  CUDNN_ATTR_EXECUTION_PLAN_HANDLE = 400,
  CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG = 401,
  CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE = 402,
  CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA = 700,
  CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA = 701,
  CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC = 702,
  CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W = 703,
  CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X = 704,
  CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y = 705,
  CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA = 706,
  CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA = 707,
  CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC = 708,
  CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W = 709,
  CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX = 710,
  CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY = 711,
  CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_ALPHA = 712,
  CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_BETA = 713,
  CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_CONV_DESC = 714,
  CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DW = 715,
  CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_X = 716,
  CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DY = 717,
  CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR = 750,
  CUDNN_ATTR_OPERATION_POINTWISE_XDESC = 751,
  CUDNN_ATTR_OPERATION_POINTWISE_BDESC = 752,
  CUDNN_ATTR_OPERATION_POINTWISE_YDESC = 753,
  CUDNN_ATTR_OPERATIONGRAPH_HANDLE = 800,
  CUDNN_ATTR_OPERATIONGRAPH_OPS = 801,
  CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT = 900,
  CUDNN_ATTR_TENSOR_DATA_TYPE = 901,
  CUDNN_ATTR_TENSOR_DIMENSIONS = 902,
  CUDNN_ATTR_TENSOR_STRIDES = 903,
  CUDNN_ATTR_TENSOR_UNIQUE_ID = 906,
  CUDNN_ATTR_TENSOR_IS_VIRTUAL = 907,
  CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS = 1000,
  CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS = 1001,
  CUDNN_ATTR_VARIANT_PACK_WORKSPACE = 1003,
  CUDNN_ATTR_ENGINE_NUMERICAL_NOTE = 1303,
};

#endif
