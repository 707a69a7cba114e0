public import CNVIDIA
import Support

/// What the driver says of a GPU.
public struct GraphicsProcessorFacts: Sendable, Hashable {
  /// The driver's number for it, as in `cuda:0`; `CUDA_VISIBLE_DEVICES` chooses and orders them.
  public let index: Int
  /// What its maker calls it.
  public let name: String
  /// 7.5 for a T4, 9.0 for an H100.
  public let computeCapability: LibraryVersion
  /// Bytes.
  public let memory: Int
  /// How many pieces of a kernel run side by side.
  public let multiprocessors: Int
  /// Where it is plugged in, such as `0000:65:00.0`: the name that the management library shares.
  public let pciBusID: String

  /// The oldest compute capability that the kernels are written for.
  public static let oldestCapability = LibraryVersion(7, 5)

  /// Starts the driver and asks for all devices.
  ///
  /// No context is made on any of them.
  static func all(_ driver: posetop_cuda_driver) throws(NVIDIAError) -> [Self] {
    func check(_ function: String, _ code: Int32) throws(NVIDIAError) {
      if code != 0 { throw NVIDIAError(driver, function: function, code: code) }
    }
    try check("cuInit", driver.cuInit(0))
    var count: Int32 = 0
    try check("cuDeviceGetCount", driver.cuDeviceGetCount(&count))
    guard count > 0 else { throw .noDevice }
    var result: [Self] = []
    for index in 0..<count {
      var device: CUdevice = 0
      try check("cuDeviceGet", driver.cuDeviceGet(&device, index))
      var name = [CChar](repeating: 0, count: 256)
      try check("cuDeviceGetName", driver.cuDeviceGetName(&name, Int32(name.count), device))
      var bytes = 0
      try check("cuDeviceTotalMem", driver.cuDeviceTotalMem_v2(&bytes, device))
      var busID = [CChar](repeating: 0, count: 32)
      try check("cuDeviceGetPCIBusId", driver.cuDeviceGetPCIBusId(&busID, 32, device))
      func attribute(_ number: Int) throws(NVIDIAError) -> Int {
        var value: Int32 = 0
        try check(
          "cuDeviceGetAttribute", driver.cuDeviceGetAttribute(&value, Int32(number), device))
        return Int(value)
      }
      result.append(
        Self(
          index: Int(index), name: text(name),
          computeCapability: LibraryVersion(
            try attribute(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR),
            try attribute(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR)),
          memory: bytes,
          multiprocessors: try attribute(CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT),
          pciBusID: text(busID)))
    }
    return result
  }
}

/// What a library wrote into a buffer of characters.
func text(_ buffer: [CChar]) -> String {
  UntrustedText.clean(bytes: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, limit: 80)
}

extension NVIDIAError {
  /// What a function of the driver's gave.
  public init(_ driver: posetop_cuda_driver, function: String, code: Int32) {
    switch Int(code) {
    case CUDA_ERROR_NO_DEVICE: self = .noDevice
    case CUDA_ERROR_SYSTEM_DRIVER_MISMATCH: self = .driverMismatch
    default:
      var name: UnsafePointer<CChar>?
      let known = driver.cuGetErrorName(code, &name) == 0
      self = .driverFailed(
        function: function, code: Int(code),
        name: known ? name.map { UntrustedText.clean(String(cString: $0), limit: 80) } ?? "" : "")
    }
  }
}
