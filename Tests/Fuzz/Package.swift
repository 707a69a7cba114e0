// swift-tools-version: 6.2
import PackageDescription

// libFuzzer over the readers of `Tests/Readers`; `make fuzz` builds and runs it. A package of its own,
// because a fuzzer brings its own `main` and would break an ordinary build.
let package = Package(
  name: "posetop-fuzz",
  dependencies: [.package(name: "posetop", path: "../..")],
  targets: [
    .executableTarget(
      name: "PosetopFuzz", dependencies: [.product(name: "Readers", package: "posetop")],
      swiftSettings: [.swiftLanguageMode(.v6), .unsafeFlags(["-parse-as-library"])])
  ]
)
