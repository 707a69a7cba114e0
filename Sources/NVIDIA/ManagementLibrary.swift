internal import CNVIDIA
import Glibc
import Support

/// NVIDIA's management library (NVML): what the devices are doing. It makes no context on any of them,
/// so a process that only looks costs a device nothing.
///
/// `@unchecked Sendable`: the table is set once before the value is handed out, the library stays open,
/// and its functions may be called from every thread.
public struct ManagementLibrary: @unchecked Sendable {
  /// The library of this machine, opened when first asked for.
  public static let here = Result { () throws(ManagementError) in
    try ManagementLibrary(
      places: LibrarySearch.driverPlaces(variable: NVIDIALibraries.environmentVariable),
      opener: .system)
  }

  /// What the search for it came to.
  public let finding: LibraryFinding
  /// The version of the driver, such as `580.95.05`.
  public let driverVersion: String?
  private let table: posetop_nvml

  /// Opens the library and starts it.
  public init(
    places: [LibrarySearch.Place], opener: LibraryOpener
  ) throws(ManagementError) {
    var finder = LibraryFinder(.nvml, major: 0, places, opener)
    guard let table = finder.find(posetop_nvml.self, "nvmlInit_v2") else {
      if case .missing = finder.finding.problem {
        throw ManagementError(kind: .absent, finding: finder.finding)
      }
      throw ManagementError(kind: .broken, finding: finder.finding)
    }
    let code = table.nvmlInit_v2()
    guard code == 0 else {
      finder.finding.problem = .driverFailed(function: "nvmlInit_v2", code: Int(code), name: "NVML")
      throw ManagementError(kind: .broken, finding: finder.finding)
    }
    self.table = table
    var version = [CChar](repeating: 0, count: 96)
    driverVersion =
      table.nvmlSystemGetDriverVersion?(&version, UInt32(version.count)) == 0 ? text(version) : nil
    finding = finder.finding
  }

  /// How many devices the driver lists; `CUDA_VISIBLE_DEVICES` does not count here.
  public var deviceCount: Int {
    var count: UInt32 = 0
    return table.nvmlDeviceGetCount_v2(&count) == 0 ? Int(count) : 0
  }

  /// Looks at a device by the library's own number.
  public func look(at index: Int) -> GraphicsProcessorReading? {
    var device: nvmlDevice_t?
    guard table.nvmlDeviceGetHandleByIndex_v2(UInt32(clamping: index), &device) == 0, let device
    else { return nil }
    return reading(of: device)
  }

  /// Looks at the device that is plugged in at a place: the numbers of `cuda:N` are not this library's.
  public func look(atPCIBusID place: String) -> GraphicsProcessorReading? {
    var device: nvmlDevice_t?
    guard table.nvmlDeviceGetHandleByPciBusId_v2(place, &device) == 0, let device else {
      return nil
    }
    return reading(of: device)
  }

  private func reading(of device: nvmlDevice_t) -> GraphicsProcessorReading {
    var reading = GraphicsProcessorReading()
    var name = [CChar](repeating: 0, count: 96)
    if table.nvmlDeviceGetName?(device, &name, UInt32(name.count)) == 0 {
      reading.name = text(name)
    }
    var memory = nvmlMemory_t()
    if table.nvmlDeviceGetMemoryInfo?(device, &memory) == 0, memory.total > 0,
      memory.used <= memory.total
    {
      reading.memory = (Int(clamping: memory.used), Int(clamping: memory.total))
    }
    var rates = nvmlUtilization_t()
    if table.nvmlDeviceGetUtilizationRates?(device, &rates) == 0 {
      reading.utilisation = Int(rates.gpu)
    }
    var value: UInt32 = 0
    if table.nvmlDeviceGetTemperature?(device, Int32(NVML_TEMPERATURE_GPU), &value) == 0 {
      reading.temperature = Int(value)
    }
    if table.nvmlDeviceGetPowerUsage?(device, &value) == 0 { reading.power = Double(value) / 1000 }
    if table.nvmlDeviceGetClockInfo?(device, Int32(NVML_CLOCK_SM), &value) == 0 {
      reading.clock = Int(value)
    }
    if table.nvmlDeviceGetClockInfo?(device, Int32(NVML_CLOCK_MEM), &value) == 0 {
      reading.memoryClock = Int(value)
    }
    reading.processMemory = memoryOfThisProcess(device)
    return reading
  }

  /// The bytes that this process holds; nil where the driver does not say (in containers it knows other
  /// process numbers).
  private func memoryOfThisProcess(_ device: nvmlDevice_t) -> Int? {
    var count: UInt32 = 256
    var processes = [nvmlProcessInfo_t](repeating: nvmlProcessInfo_t(), count: Int(count))
    guard table.nvmlDeviceGetComputeRunningProcesses_v3?(device, &count, &processes) == 0 else {
      return nil
    }
    let own = processes.prefix(Int(count)).first { $0.pid == UInt32(getpid()) }
    return own.flatMap { $0.usedGpuMemory == .max ? nil : Int(clamping: $0.usedGpuMemory) }
  }
}

extension GraphicsProcessorFacts {
  /// What the device is doing at present; nil where the management library does not say.
  public var reading: GraphicsProcessorReading? {
    try? ManagementLibrary.here.get().look(atPCIBusID: pciBusID)
  }
}

/// What a device is doing at present; what the driver does not say is nil.
public struct GraphicsProcessorReading: Sendable {
  public internal(set) var name = ""
  /// Bytes of the whole device, by all processes.
  public internal(set) var memory: (used: Int, total: Int)?
  /// Bytes that this process holds.
  public internal(set) var processMemory: Int?
  /// Percent of the last second in which something ran on it.
  public internal(set) var utilisation: Int?
  /// Degrees Celsius.
  public internal(set) var temperature: Int?
  /// Watts.
  public internal(set) var power: Double?
  /// Of the multiprocessors, MHz.
  public internal(set) var clock: Int?
  /// Of the memory, MHz.
  public internal(set) var memoryClock: Int?

  init() {}
}

/// Why the devices cannot be looked at.
public struct ManagementError: Error {
  /// Whether there is a driver at all.
  public enum Kind: Sendable {
    /// There is no such library: no driver.
    case absent
    /// There is one, and it does not answer.
    case broken
  }

  /// Whether there is a driver at all.
  public let kind: Kind
  /// What the search came to.
  public let finding: LibraryFinding
}
