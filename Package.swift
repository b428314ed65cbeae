// swift-tools-version: 6.2

import PackageDescription

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
]

let package = Package(
  name: "FiberTrace",
  products: [
    .library(name: "FiberTrace", targets: ["FiberTrace"]),
    .library(name: "FiberInspection", targets: ["FiberInspection"]),
    .library(name: "ExecutionVerification", targets: ["ExecutionVerification"]),
    // For tests in C: Sources/CFiberTraceStepping/include/FiberTraceStepping.h. Scripts/install asks for an archive, since it is to have
    // Swift's libraries inside, and makes the dynamic library of it.
    .library(
      name: "FiberTraceStepping", type: Context.environment["FIBERTRACE_ARCHIVE"] == nil ? .dynamic : .static,
      targets: ["FiberTraceStepping"]),
    .executable(name: "fibertrace", targets: ["FiberTraceCLI"]),
    .executable(name: "ring", targets: ["ring"]),
    .executable(name: "nested", targets: ["nested"]),
    .executable(name: "crowd", targets: ["crowd"]),
    .executable(name: "threads", targets: ["threads"]),
    .executable(name: "generator", targets: ["generator"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
    .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"),
  ],
  targets: [
    // The switch and its byte layouts.
    .target(name: "CFiberAsm"),
    // libunwind's macros for Swift. Loads libunwind privately; see local.c.
    .target(name: "CUnwindShim"),
    // libunwind on another process, loaded as privately.
    .target(name: "CUnwindRemote"),
    // What an application embeds.
    .target(name: "FiberTrace", dependencies: ["CFiberAsm", "CUnwindShim"], swiftSettings: strict),

    // ELF and DWARF, pure.
    .target(name: "CallFrameInfo", swiftSettings: strict),
    .systemLibrary(name: "CLibdw", pkgConfig: "libdw", providers: [.apt(["libdw-dev"])]),
    // Compressed sections.
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    // Debian's Zydis 4.0 has no pkg-config file: its module map names the library.
    .systemLibrary(name: "CZydis", providers: [.apt(["libzydis-dev"])]),
    // Swift, C++ and Rust names.
    .target(name: "CDemangle", linkerSettings: [.linkedLibrary("iberty")]),
    // ptrace and process_vm_readv for Swift.
    .target(name: "CProcess"),
    // What x86-64 instructions do, and how they read.
    .target(name: "Instructions", dependencies: ["CZydis"], swiftSettings: strict),
    // Whether call frame information is right: lint, and instructions against rows. No I/O.
    .target(name: "FrameVerification", dependencies: ["CallFrameInfo", "Instructions"], swiftSettings: strict),
    // Call frame information made wrong on purpose, and whether verification finds it. For tests and `mutation-score`.
    .target(
      name: "FrameMutation",
      dependencies: [
        "CallFrameInfo", "Instructions", "FrameVerification", "ExecutionRecordings", "ExecutionVerification",
        "FiberInspection",
      ],
      swiftSettings: strict),
    // Other processes, cores and files.
    .target(
      name: "FiberInspection",
      dependencies: [
        "CFiberAsm", "CallFrameInfo", "Instructions", "FrameVerification", "CLibdw", "CZlib", "CDemangle", "CProcess",
      ],
      swiftSettings: strict),
    // What programs really do: stepped executions, the truth that rows are held against in tests.
    .target(
      name: "ExecutionRecordings", dependencies: ["CallFrameInfo", "Instructions", "CProcess"], swiftSettings: strict),
    // The trap flag set around a call, and what is recorded at each trap.
    .target(name: "CStepping"),
    // Call frame information held against executions: stepped programs, the truth of their stacks, other unwinders.
    .target(
      name: "ExecutionVerification",
      dependencies: [
        "CallFrameInfo", "Instructions", "FrameVerification", "FiberInspection", "CProcess", "CUnwindRemote",
        "CStepping",
      ],
      swiftSettings: strict),
    // The step check for C: the header, and what it declares.
    .target(name: "CFiberTraceStepping"),
    .target(
      name: "FiberTraceStepping", dependencies: ["CFiberTraceStepping", "ExecutionVerification"], swiftSettings: strict),
    // What was found, as text, JSON, SARIF, JUnit and HTML.
    .target(
      name: "VerificationReports",
      dependencies: [
        "FrameVerification", "FiberInspection", .product(name: "Mustache", package: "swift-mustache"),
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "FiberTraceCLI",
      dependencies: [
        "ExecutionVerification", "FiberInspection", "FrameVerification", "VerificationReports",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Sources/fibertrace",
      swiftSettings: strict),

    .executableTarget(
      name: "ring", dependencies: ["FiberTrace"], path: "Examples/ring", exclude: ["README.md"],
      swiftSettings: strict),
    .executableTarget(
      name: "nested", dependencies: ["FiberTrace"], path: "Examples/nested", exclude: ["README.md"],
      swiftSettings: strict),
    .executableTarget(
      name: "crowd",
      dependencies: ["FiberTrace", .product(name: "ArgumentParser", package: "swift-argument-parser")],
      path: "Examples/crowd", exclude: ["README.md"], swiftSettings: strict),
    .executableTarget(
      name: "threads",
      dependencies: ["FiberTrace", .product(name: "ArgumentParser", package: "swift-argument-parser")],
      path: "Examples/threads", exclude: ["README.md"], swiftSettings: strict),
    .executableTarget(
      name: "generator",
      dependencies: ["FiberTrace", .product(name: "ArgumentParser", package: "swift-argument-parser")],
      path: "Examples/generator", exclude: ["README.md"], swiftSettings: strict),

    // Captures a process and walks its stacks, by our rows and by libdw, and prints how long that took. Not in the package of the
    // other benchmarks, since unwinders are internals of this one (package access).
    .executableTarget(
      name: "WalkBenchmark", dependencies: ["FiberInspection"], path: "Benchmarks/walk", swiftSettings: strict),

    // Measures how much of what can be wrong verification finds. For those who work on it.
    .executableTarget(
      name: "mutation-score",
      dependencies: [
        "ExecutionRecordings", "FrameMutation", "FrameVerification", "TestSupport",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Sources/MutationScore", swiftSettings: strict),
    .testTarget(
      name: "ExecutionVerificationTests",
      dependencies: [
        "ExecutionVerification", "CallFrameInfo", "Instructions", "FrameVerification", "FiberInspection", "FiberTrace",
        "CStepFixtures", "TestSupport",
      ],
      exclude: ["Programs", "InProcess/Programs"], swiftSettings: strict),
    // What tests of several targets share.
    .target(name: "TestSupport", path: "Tests/Support", swiftSettings: strict),
    .testTarget(name: "CallFrameInfoTests", dependencies: ["CallFrameInfo", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "InstructionsTests", dependencies: ["Instructions", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "FrameVerificationTests",
      dependencies: ["FrameVerification", "CallFrameInfo", "Instructions", "TestSupport", "ring"],
      exclude: ["Programs"], swiftSettings: strict),
    .testTarget(
      name: "MutationTests",
      dependencies: [
        "ExecutionRecordings", "ExecutionVerification", "FrameMutation", "CallFrameInfo", "FrameVerification",
        "Instructions", "TestSupport",
      ],
      exclude: ["Programs"], swiftSettings: strict),
    .testTarget(
      name: "SynthesisTests",
      dependencies: [
        "FiberTraceCLI", "ExecutionRecordings", "CallFrameInfo", "Instructions", "FrameVerification", "TestSupport",
      ],
      exclude: ["Programs"], swiftSettings: strict),
    .testTarget(
      name: "VerificationReportsTests",
      dependencies: ["VerificationReports", "FrameVerification", "FiberInspection", "TestSupport"],
      exclude: ["Snapshots"], swiftSettings: strict),
    // Functions in assembly, right and wrong, for the step check.
    .target(name: "CStepFixtures", path: "Tests/Fixtures/CStepFixtures"),
    // Another runtime with a registry of its own, C++ exceptions, and a count of allocations.
    .target(
      name: "CFiberTraceFixtures", dependencies: ["CFiberAsm"], path: "Tests/Fixtures/CFiberTraceFixtures",
      linkerSettings: [.linkedLibrary("stdc++")]),
    // Fibers that move between threads, in debug and release builds.
    .executableTarget(
      name: "movement", dependencies: ["FiberTrace", "CFiberTraceFixtures"], path: "Tests/Fixtures/movement",
      swiftSettings: strict),
    .testTarget(
      name: "FiberTraceTests",
      dependencies: [
        "FiberTrace", "CFiberAsm", "CUnwindShim", "CFiberTraceFixtures", "TestSupport", "ring", "nested", "crowd",
        "threads", "generator", "movement",
      ],
      swiftSettings: strict),
    // Other users and other tracers, for tests.
    .target(name: "CTestIdentity", path: "Tests/Fixtures/CTestIdentity"),
    .testTarget(
      name: "FiberInspectionTests",
      dependencies: [
        "FiberInspection", "CallFrameInfo", "Instructions", "FrameVerification", "CFiberAsm", "CLibdw", "CTestIdentity",
        "TestSupport",
      ],
      exclude: ["Programs", "Dump/Snapshots", "Listing/Snapshots"],
      swiftSettings: strict),
    // The switch against real unwinders and debuggers, as programs built by the test.
    .testTarget(
      name: "SwitchTests", dependencies: ["TestSupport"], exclude: ["Programs"], swiftSettings: strict),
    // The command, on real processes and cores.
    .testTarget(
      name: "CommandTests",
      dependencies: ["FiberTraceCLI", "TestSupport", "ring", "nested", "crowd", "threads", "generator"],
      exclude: ["Programs"],
      swiftSettings: strict),
    // Real gdb, with the script and without.
    .testTarget(
      name: "DebuggerTests",
      dependencies: ["FiberTraceCLI", "TestSupport", "ring", "nested", "crowd", "threads", "generator"],
      exclude: ["Programs"],
      swiftSettings: strict),
  ]
)
