// swift-tools-version: 6.2

import PackageDescription

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
]

// A package of its own, so that who embeds FiberTrace never sees Boost.
let package = Package(
  name: "Benchmarks",
  products: [.library(name: "CallCounters", type: .dynamic, targets: ["CallCounters"])],
  dependencies: [
    .package(name: "FiberTrace", path: ".."),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
  ],
  targets: [
    // The switch from C, Boost's fcontext, ucontext, and walks. Boost's archive rather than its shared object: no contender is
    // called through a PLT.
    .target(
      name: "CContenders", dependencies: [.product(name: "FiberTrace", package: "FiberTrace")],
      linkerSettings: [.linkedLibrary(":libboost_context.a")]),
    // boost::context::fiber.
    .target(name: "CXXContenders", dependencies: ["CContenders"]),
    // Counts allocations and locks of a program that is started with it, by LD_PRELOAD.
    .target(name: "CallCounters"),
    .executableTarget(
      name: "FiberBenchmark",
      dependencies: [
        "CContenders", "CXXContenders", .product(name: "FiberTrace", package: "FiberTrace"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),
  ],
  cxxLanguageStandard: .cxx17
)
