// swift-tools-version: 6.2
import PackageDescription

// One target per module. A module may import only what is listed here; `make lint` builds with
// the import check on, so a forbidden import is an error. Arrows point downward only: README.md
// has the picture.

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("ExistentialAny"),
]
let strictC: [CSetting] = [
  .treatAllWarnings(as: .error), .enableWarning("all"), .enableWarning("extra"),
]
let strictCxx: [CXXSetting] = [
  .treatAllWarnings(as: .error), .enableWarning("all"), .enableWarning("extra"),
]

/// A Swift module of the package.
func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// What the numeric kernels see as the values of maps.
enum MapValues {
  case float, bfloat16
}

/// The numeric kernels at one instruction-set level and for one kind of maps; the other folders are
/// links to `Sources/Kernels`, so there is one source. `-O` also in debug builds: unoptimised SIMD
/// code is a thousand times slower.
func kernels(_ name: String, march: String?, maps: MapValues = .float) -> Target {
  var settings = strict + [.unsafeFlags(["-O"], .when(configuration: .debug))]
  if let march {
    settings += [.unsafeFlags(["-Xcc", "-march=\(march)"]), .define("KERNEL_FMA")]
    if march == "x86-64-v4" { settings.append(.define("KERNEL_WIDE")) }
  }
  switch maps {
  case .float:
    return .target(
      name: name, dependencies: ["CVector"],
      exclude: [
        "PairProducts.swift", "Winograd.swift", "WinogradPairWindows.swift", "WinogradPairs.swift",
        "WinogradPairsTransposed.swift",
      ],
      swiftSettings: settings)
  case .bfloat16:
    // Weights, losses and the optimiser are `Float` whatever the maps are.
    return .target(
      name: name, dependencies: ["CVector"],
      exclude: [
        "BatchNormStatistics.swift", "Filters.swift", "HeatmapLosses.swift", "Likelihood.swift",
        "Losses.swift", "MatrixProduct.swift", "Optimizers.swift", "Rows.swift",
        "WinogradFours.swift", "WinogradStrided.swift", "WinogradStridedFilters.swift",
        "WinogradTransposed.swift", "WinogradWindows.swift",
      ],
      swiftSettings: settings + [.define("MAP_BFLOAT16")])
  }
}

func tests(
  _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []
) -> Target {
  .testTarget(
    name: name, dependencies: dependencies + ["TestSupport"], exclude: exclude,
    swiftSettings: strict)
}

/// The program that draws screens as pictures for those who work on them: `make screenshots` sets
/// the variable, so that nobody else needs its font library.
let screenshots: [Target] =
  Context.environment["POSETOP_SCREENSHOTS"] == nil
  ? []
  : [
    .systemLibrary(
      name: "CFreeType", pkgConfig: "freetype2", providers: [.apt(["libfreetype-dev"])]),
    .executableTarget(
      name: "posetop-screenshots",
      dependencies: [
        "Dashboard", "TerminalUI", "RunLink", "RunFiles", "TrainingAPI", "Imaging", "Raster",
        "Support", "Wording", "CFreeType",
      ],
      path: "Tests/Screenshots", swiftSettings: strict),
  ]

/// The program that compares a GPU with the processor: `make device-check` sets the variable. It is a
/// program and no test, so that it can be carried to a machine that has nothing but a GPU.
let deviceCheck: [Target] =
  Context.environment["POSETOP_DEVICE_CHECK"] == nil
  ? []
  : [
    .executableTarget(
      name: "posetop-device-check",
      dependencies: [
        "BackendCUDA", "BackendCPU", "NVIDIA", "Execution", "Graph", "Nets", "Cropping", "Support",
        "Wording", "TestSupport", "FakeCUDA", "CNVIDIA",
      ],
      path: "Tests/DeviceCheck", swiftSettings: strict)
  ]

/// The readers for the fuzzer, which is a package of its own: `make fuzz` sets the variable.
let fuzzing: [Product] =
  Context.environment["POSETOP_FUZZ"] == nil
  ? [] : [.library(name: "Readers", targets: ["Readers"])]

let package = Package(
  name: "posetop",
  // The made-up GPU as a shared library, which the tests put in the place of NVIDIA's.
  products: fuzzing + [.library(name: "FakeCUDADriver", type: .dynamic, targets: ["FakeCUDA"])],
  targets: [
    // C libraries from Debian, and the small shims that Swift needs beside them.
    .systemLibrary(name: "CNcurses"),  // no pkgConfig: its flags are refused with a warning
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
    .systemLibrary(
      name: "CTurboJPEG", pkgConfig: "libturbojpeg", providers: [.apt(["libturbojpeg0-dev"])]),
    .systemLibrary(name: "CInih"),
    .systemLibrary(name: "CNVIDIA"),  // tables of functions: nothing of NVIDIA's is needed to build
    .systemLibrary(name: "CVector"),  // a header of our own, compiled into each level's kernels
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .target(
      name: "CSimdjson", cxxSettings: strictCxx, linkerSettings: [.linkedLibrary("simdjson")]),
    .target(name: "CPosix", cSettings: strictC),

    // Words, values and files.
    module("Wording"),
    module("Support", ["Wording", "CPosix", "CSimdjson", "CZlib"]),
    module("TensorFiles", ["Support", "Wording"]),
    module("Raster", ["Support"]),
    module("Imaging", ["Support", "Wording", "CPNG", "CTurboJPEG", "CPosix"]),
    module("Cropping"),  // what crops are made of: for loaders, and for a GPU in their place

    // The field: keypoints, people, data sets.
    module("Pose", ["Support", "Wording"]),
    module("Figures", ["Pose", "Raster", "Imaging", "Support", "Wording"]),
    module("Datasets", ["Pose", "Imaging", "Cropping", "Support", "Wording", "CSimdjson"]),

    // The engine.
    kernels("Kernels", march: nil),
    kernels("KernelsV3", march: "x86-64-v3"),
    kernels("KernelsV4", march: "x86-64-v4"),
    kernels("KernelsBFloat16", march: nil, maps: .bfloat16),
    kernels("KernelsBFloat16V3", march: "x86-64-v3", maps: .bfloat16),
    kernels("KernelsBFloat16V4", march: "x86-64-v4", maps: .bfloat16),
    .target(name: "CKernels", cSettings: strictC),
    module("Graph", ["Support", "Wording"]),
    module("Execution", ["Graph", "Cropping", "Support", "Wording"]),
    module(
      "BackendCPU",
      [
        "Execution", "Graph", "Support", "Wording", "Kernels", "KernelsV3", "KernelsV4",
        "KernelsBFloat16", "KernelsBFloat16V3", "KernelsBFloat16V4", "CKernels", "COpenBLAS",
        "CPosix", "CVector",
      ]),
    module("NVIDIA", ["CNVIDIA", "CPosix", "Support", "Wording"]),
    .target(name: "CUDAKernels", cSettings: strictC),
    module(
      "BackendCUDA",
      [
        "Execution", "Graph", "Cropping", "NVIDIA", "Support", "Wording", "CNVIDIA", "CUDAKernels",
      ]),
    module("Nets", ["Graph", "Support", "Wording"]),

    module("Export", ["Nets", "Graph", "TensorFiles", "Pose", "Support", "Wording"]),

    // A run: its values, its folder, its processes.
    module("TrainingAPI", ["Pose", "Support", "Wording"]),
    module("RunFiles", ["TrainingAPI", "TensorFiles", "Pose", "Support", "Wording", "CPosix"]),
    module(
      "Report",
      ["TrainingAPI", "RunFiles", "Figures", "Pose", "Imaging", "Raster", "Support", "Wording"]),
    module("RunLink", ["RunFiles", "TrainingAPI", "Support", "Wording", "CPosix"]),
    module("Keeper", ["RunLink", "RunFiles", "TrainingAPI", "Support", "Wording", "CPosix"]),
    module(
      "Training",
      [
        "TrainingAPI", "RunFiles", "Datasets", "Pose", "Export", "Nets", "Execution", "Graph",
        "TensorFiles", "NVIDIA", "Support", "Wording", "CPosix", "Imaging", "Cropping",
      ]),

    // The screen.
    module("TerminalUI", ["Support", "Wording", "CInih"]),
    module("TerminalNcurses", ["TerminalUI", "Support", "Wording", "CNcurses", "CPosix"]),
    module(
      "Dashboard",
      [
        "TerminalUI", "TrainingAPI", "RunFiles", "Pose", "Raster", "NVIDIA", "Support", "Wording",
      ]),

    // The two programs.
    .executableTarget(
      name: "posetop",
      dependencies: [
        "Dashboard", "TerminalNcurses", "TerminalUI", "Keeper", "Report", "RunLink", "RunFiles",
        "TrainingAPI", "Datasets", "Imaging", "Figures", "Pose", "Support", "Wording", "CPosix",
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "posetop-engine",
      dependencies: [
        "Training", "Datasets", "Report", "Figures", "Imaging", "Pose", "BackendCPU", "BackendCUDA",
        "Execution",
        "Graph", "NVIDIA",
        "RunLink", "RunFiles", "TrainingAPI", "Support", "Wording", "CPosix",
      ],
      swiftSettings: strict),

    // Tests: one target per area, and what they share.
    .target(
      name: "TestSupport",
      dependencies: [
        "Graph", "Nets", "Execution", "Cropping", "TrainingAPI", "Support", "Wording",
      ],
      path: "Tests/TestSupport", swiftSettings: strict),
    // Trainings of a few drawn people, whose events are collected.
    .target(
      name: "TrainingSupport",
      dependencies: [
        "Training", "TrainingAPI", "Execution", "Figures", "RunFiles", "Support", "TestSupport",
      ],
      path: "Tests/TrainingSupport", swiftSettings: strict),
    // An engine that plays a made-up training, for the tests of keeper and viewers.
    .executableTarget(
      name: "posetop-scripted-engine",
      dependencies: ["RunLink", "RunFiles", "TrainingAPI", "Support", "Wording"],
      path: "Tests/ScriptedEngine", swiftSettings: strict),
    // Everything that reads what comes from outside, with seeds: for the fuzzer and the memory tests.
    .target(
      name: "Readers",
      dependencies: [
        "Datasets", "Imaging", "Pose", "RunFiles", "RunLink", "TensorFiles", "TerminalUI",
        "TrainingAPI", "Support", "Wording",
      ],
      path: "Tests/Readers", swiftSettings: strict),
    // A GPU in the host's memory, which runs the kernels' own texts as C++.
    .target(
      name: "FakeCUDA", path: "Tests/FakeCUDA", exclude: ["Kernels.def"], cxxSettings: strictCxx),
    // Counts what a program allocates.
    .target(name: "CAllocations", path: "Tests/CAllocations", cSettings: strictC),
    // Tests' own processes: one that crashes in a terminal, one that knocks at sockets, ...
    .executableTarget(
      name: "posetop-test-helper",
      dependencies: [
        "Readers", "Datasets", "TerminalNcurses", "TerminalUI", "Support", "CPosix", "BackendCPU",
        "Execution", "Graph", "Nets", "TestSupport", "CAllocations",
      ],
      path: "Tests/Helper", swiftSettings: strict),
    tests(
      "SupportTests", ["Readers", "Support", "Wording", "TensorFiles"], exclude: ["Fixtures"]),
    tests("NVIDIATests", ["NVIDIA", "CNVIDIA", "Support", "Wording"]),
    tests("GraphTests", ["Graph", "Nets", "Support"]),
    tests(
      "BackendTests", ["BackendCPU", "Execution", "Graph", "Nets", "Support"],
      exclude: ["Goldens"]),
    tests(
      "CUDATests",
      [
        "BackendCUDA", "BackendCPU", "NVIDIA", "CNVIDIA", "FakeCUDA", "CUDAKernels", "Execution",
        "Graph", "Nets", "Cropping", "Training", "TrainingAPI", "TrainingSupport", "RunFiles",
        "Support", "Wording",
      ]),
    tests(
      "DatasetsTests",
      ["Datasets", "Figures", "Imaging", "Cropping", "Raster", "Pose", "Support", "Wording"]),
    tests(
      "TrainingTests",
      [
        "TrainingSupport", "Training", "TrainingAPI", "BackendCPU", "Execution", "Nets", "Graph",
        "Figures", "RunFiles", "Datasets", "Imaging", "Pose", "TensorFiles", "Support", "Wording",
      ], exclude: ["Goldens"]),
    tests(
      "RunTests",
      [
        "Keeper", "Report", "RunLink", "RunFiles", "TrainingAPI", "TensorFiles", "Pose", "Support",
        "Wording", "CPosix",
      ]),
    tests(
      "DashboardTests",
      [
        "Dashboard", "TerminalUI", "TrainingAPI", "RunFiles", "Pose", "Support", "Wording", "CZlib",
      ],
      exclude: ["Goldens", "Recorded"]),
    tests(
      "ProgramTests",
      ["RunLink", "RunFiles", "TrainingAPI", "Support", "Wording", "CPosix"]),
  ] + screenshots + deviceCheck,
  swiftLanguageModes: [.v6],
  cLanguageStandard: .gnu17,
  cxxLanguageStandard: .cxx20
)
