import CNVIDIA

// Each table is filled whole, or the library is of no use; the symbols are the names of the fields.

/// A table of a library's functions.
protocol FunctionTable {
  init()
  /// Binds every function.
  mutating func bind(_ symbols: inout SymbolBinder)
}

extension FunctionTable {
  /// The table of an open library.
  static func filled(
    from library: LibraryOpener.Handle, _ opener: LibraryOpener
  ) -> Result<Self, MissingSymbol> {
    var table = Self()
    var symbols = SymbolBinder(opener, library)
    table.bind(&symbols)
    if let name = symbols.missing { return .failure(MissingSymbol(name: name)) }
    return .success(table)
  }
}

/// A function that a library does not have.
struct MissingSymbol: Error {
  let name: String
}

extension posetop_cuda_driver: FunctionTable {
  mutating func bind(_ symbols: inout SymbolBinder) {
    symbols.bind(&cuInit, "cuInit")
    symbols.bind(&cuDriverGetVersion, "cuDriverGetVersion")
    symbols.bind(&cuDeviceGetCount, "cuDeviceGetCount")
    symbols.bind(&cuDeviceGet, "cuDeviceGet")
    symbols.bind(&cuDeviceGetName, "cuDeviceGetName")
    symbols.bind(&cuDeviceTotalMem_v2, "cuDeviceTotalMem_v2")
    symbols.bind(&cuDeviceGetAttribute, "cuDeviceGetAttribute")
    symbols.bind(&cuDeviceGetPCIBusId, "cuDeviceGetPCIBusId")
    symbols.bind(&cuDevicePrimaryCtxRetain, "cuDevicePrimaryCtxRetain")
    symbols.bind(&cuDevicePrimaryCtxRelease_v2, "cuDevicePrimaryCtxRelease_v2")
    symbols.bind(&cuCtxSetCurrent, "cuCtxSetCurrent")
    symbols.bind(&cuMemGetInfo_v2, "cuMemGetInfo_v2")
    symbols.bind(&cuMemAlloc_v2, "cuMemAlloc_v2")
    symbols.bind(&cuMemFree_v2, "cuMemFree_v2")
    symbols.bind(&cuMemHostRegister_v2, "cuMemHostRegister_v2")
    symbols.bind(&cuMemHostUnregister, "cuMemHostUnregister")
    symbols.bind(&cuMemcpyHtoDAsync_v2, "cuMemcpyHtoDAsync_v2")
    symbols.bind(&cuMemcpyDtoHAsync_v2, "cuMemcpyDtoHAsync_v2")
    symbols.bind(&cuMemcpyDtoDAsync_v2, "cuMemcpyDtoDAsync_v2")
    symbols.bind(&cuMemsetD8Async, "cuMemsetD8Async")
    symbols.bind(&cuStreamCreate, "cuStreamCreate")
    symbols.bind(&cuStreamSynchronize, "cuStreamSynchronize")
    symbols.bind(&cuStreamDestroy_v2, "cuStreamDestroy_v2")
    symbols.bind(&cuStreamWaitEvent, "cuStreamWaitEvent")
    symbols.bind(&cuEventCreate, "cuEventCreate")
    symbols.bind(&cuEventRecord, "cuEventRecord")
    symbols.bind(&cuEventSynchronize, "cuEventSynchronize")
    symbols.bind(&cuEventElapsedTime, "cuEventElapsedTime")
    symbols.bind(&cuEventDestroy_v2, "cuEventDestroy_v2")
    symbols.bind(&cuModuleLoadData, "cuModuleLoadData")
    symbols.bind(&cuModuleUnload, "cuModuleUnload")
    symbols.bind(&cuModuleGetFunction, "cuModuleGetFunction")
    symbols.bind(&cuLaunchKernel, "cuLaunchKernel")
    symbols.bind(&cuStreamBeginCapture_v2, "cuStreamBeginCapture_v2")
    symbols.bind(&cuStreamEndCapture, "cuStreamEndCapture")
    symbols.bind(&cuGraphInstantiateWithFlags, "cuGraphInstantiateWithFlags")
    symbols.bind(&cuGraphLaunch, "cuGraphLaunch")
    symbols.bind(&cuGraphExecDestroy, "cuGraphExecDestroy")
    symbols.bind(&cuGraphDestroy, "cuGraphDestroy")
    symbols.bind(&cuGetErrorName, "cuGetErrorName")
    symbols.bind(&cuGetErrorString, "cuGetErrorString")
  }
}

extension posetop_nvrtc: FunctionTable {
  mutating func bind(_ symbols: inout SymbolBinder) {
    symbols.bind(&nvrtcVersion, "nvrtcVersion")
    symbols.bind(&nvrtcCreateProgram, "nvrtcCreateProgram")
    symbols.bind(&nvrtcCompileProgram, "nvrtcCompileProgram")
    symbols.bind(&nvrtcGetCUBINSize, "nvrtcGetCUBINSize")
    symbols.bind(&nvrtcGetCUBIN, "nvrtcGetCUBIN")
    symbols.bind(&nvrtcGetProgramLogSize, "nvrtcGetProgramLogSize")
    symbols.bind(&nvrtcGetProgramLog, "nvrtcGetProgramLog")
    symbols.bind(&nvrtcDestroyProgram, "nvrtcDestroyProgram")
    symbols.bind(&nvrtcGetErrorString, "nvrtcGetErrorString")
  }
}

extension posetop_cublaslt: FunctionTable {
  mutating func bind(_ symbols: inout SymbolBinder) {
    symbols.bind(&cublasLtGetVersion, "cublasLtGetVersion")
  }
}

extension posetop_cublas: FunctionTable {
  mutating func bind(_ symbols: inout SymbolBinder) {
    symbols.bind(&cublasCreate_v2, "cublasCreate_v2")
    symbols.bind(&cublasDestroy_v2, "cublasDestroy_v2")
    symbols.bind(&cublasGetVersion_v2, "cublasGetVersion_v2")
    symbols.bind(&cublasSetStream_v2, "cublasSetStream_v2")
    symbols.bind(&cublasSetWorkspace_v2, "cublasSetWorkspace_v2")
    symbols.bind(&cublasSetMathMode, "cublasSetMathMode")
    symbols.bind(&cublasGemmEx, "cublasGemmEx")
    symbols.bind(&cublasGetProperty, "cublasGetProperty")
  }
}

extension posetop_cudnn: FunctionTable {
  mutating func bind(_ symbols: inout SymbolBinder) {
    symbols.bind(&cudnnGetVersion, "cudnnGetVersion")
    symbols.bind(&cudnnGetCudartVersion, "cudnnGetCudartVersion")
    symbols.bind(&cudnnGetErrorString, "cudnnGetErrorString")
    symbols.bind(&cudnnGetLastErrorString, "cudnnGetLastErrorString")
    symbols.bind(&cudnnCreate, "cudnnCreate")
    symbols.bind(&cudnnDestroy, "cudnnDestroy")
    symbols.bind(&cudnnSetStream, "cudnnSetStream")
    symbols.bind(&cudnnBackendCreateDescriptor, "cudnnBackendCreateDescriptor")
    symbols.bind(&cudnnBackendDestroyDescriptor, "cudnnBackendDestroyDescriptor")
    symbols.bind(&cudnnBackendSetAttribute, "cudnnBackendSetAttribute")
    symbols.bind(&cudnnBackendGetAttribute, "cudnnBackendGetAttribute")
    symbols.bind(&cudnnBackendFinalize, "cudnnBackendFinalize")
    symbols.bind(&cudnnBackendExecute, "cudnnBackendExecute")
  }
}

// What a driver cannot tell of its devices is not shown; the rest is needed.
extension posetop_nvml: FunctionTable {
  mutating func bind(_ symbols: inout SymbolBinder) {
    symbols.bind(&nvmlInit_v2, "nvmlInit_v2")
    symbols.bindIfPresent(&nvmlSystemGetDriverVersion, "nvmlSystemGetDriverVersion")
    symbols.bind(&nvmlDeviceGetCount_v2, "nvmlDeviceGetCount_v2")
    symbols.bind(&nvmlDeviceGetHandleByIndex_v2, "nvmlDeviceGetHandleByIndex_v2")
    symbols.bind(&nvmlDeviceGetHandleByPciBusId_v2, "nvmlDeviceGetHandleByPciBusId_v2")
    symbols.bindIfPresent(&nvmlDeviceGetName, "nvmlDeviceGetName")
    symbols.bindIfPresent(&nvmlDeviceGetMemoryInfo, "nvmlDeviceGetMemoryInfo")
    symbols.bindIfPresent(&nvmlDeviceGetUtilizationRates, "nvmlDeviceGetUtilizationRates")
    symbols.bindIfPresent(&nvmlDeviceGetTemperature, "nvmlDeviceGetTemperature")
    symbols.bindIfPresent(&nvmlDeviceGetPowerUsage, "nvmlDeviceGetPowerUsage")
    symbols.bindIfPresent(&nvmlDeviceGetClockInfo, "nvmlDeviceGetClockInfo")
    symbols.bindIfPresent(
      &nvmlDeviceGetComputeRunningProcesses_v3, "nvmlDeviceGetComputeRunningProcesses_v3")
  }
}
